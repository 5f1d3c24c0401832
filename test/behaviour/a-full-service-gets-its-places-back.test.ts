import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { asksUpgrade } from '../conformance/support/handshake.ts';
import { nobody } from '../conformance/support/nobody.ts';
import { certificateFolder } from '../support/certificates.ts';
import { open as connect, until } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { atRest, holding, placesOf } from './support/holding.ts';
import { serversOfThisSuite } from './support/servers.ts';

type Raw = (socket: Socket, head: string, count: number) => void;

describe('a place at a service comes back', () => {
  const servers = serversOfThisSuite();
  /** With one place: when it is lost, nobody is served any more. */
  const gatewayTo = (url: string, { service = {}, ...more }: Parameters<typeof open>[1] = {}) =>
    servers.public(open(url, { ...more, service: { concurrency: { limit: 1 }, circuitBreaker: { force: 'closed' }, ...service } }));
  const tryingOnce = { retry: { attempts: 0 } };
  const taken = (gateway: TestGateway) =>
    eventually(
      () => placesOf(gateway),
      ({ inFlight }) => inFlight === 1,
    );
  const head = (method = 'GET', ...lines: string[]) => `${[`${method} / HTTP/1.1`, 'Host: a', ...lines].join('\r\n')}\r\n\r\n`;
  const says = (text: string, then: (socket: Socket) => void = () => {}) =>
    servers.rawUpstream((socket) => socket.write(text, () => then(socket)));

  /** Three clients, one after another, that send this and leave when the service is where it should be. */
  const leaveThrice = async (gateway: TestGateway, bytes: string, when: (client: Socket) => Promise<unknown> = () => taken(gateway)) => {
    for (let round = 0; round < 3; round += 1) {
      const client = await connect(gateway.port);
      client.on('error', () => {}).write(bytes);
      await when(client);
      client.resetAndDestroy();
      await atRest(gateway);
    }
    expect((await placesOf(gateway)).rejected).to.deep.equal({});
  };

  describe('when the client leaves', () => {
    it('while it waits', async () => leaveThrice(await gatewayTo((await holding(servers)).url), head()));

    it('while no connection is made', async () => leaveThrice(await gatewayTo((await nobody({ after: servers.defer })).url), head()));

    it('at once', async () => {
      const gateway = await gatewayTo((await holding(servers)).url);
      for (let round = 0; round < 20; round += 1) {
        const client = await connect(gateway.port);
        client.on('error', () => {});
        client.write(head(), () => client.resetAndDestroy());
        await once(client, 'close');
        await atRest(gateway);
      }
      await leaveThrice(gateway, head());
    });

    it('during its upload', async () => {
      const service = await holding(servers);
      await leaveThrice(await gatewayTo(service.url), `${head('POST', 'Content-Length: 1000')}half`);
      await leaveThrice(await gatewayTo(service.url), head('POST', 'Content-Length: 1000'));
      await leaveThrice(await gatewayTo(service.url), head('PUT', 'Content-Length: 1000', 'Expect: 100-continue'));
    });

    it('behind an interim answer', async () => {
      const service = await says('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n');
      await leaveThrice(await gatewayTo(service.url), head(), (client) => until(client, (received) => received.includes(' 103 ')));
    });

    it('in the middle of an answer', async () => {
      const service = await servers.upstream((_, res) => void res.write('once upon a time'));
      await leaveThrice(await gatewayTo(service.url), head(), (client) => until(client, (received) => received.includes('a time')));
    });

    it('in the middle of an answer that it does not read', async () => {
      const service = await servers.upstream((_, res) => void res.end(Buffer.alloc(64 << 20)));
      const gateway = await gatewayTo(service.url);
      await leaveThrice(gateway, head(), async (client) => {
        client.pause();
        await taken(gateway);
      });
    });

    it('or does not leave, and reads nothing', async () => {
      const service = await servers.upstream((_, res) => void res.end(Buffer.alloc(64 << 20)));
      const gateway = await gatewayTo(service.url, { service: { timeouts: { idle: '100ms' } } });
      const client = await connect(gateway.port);
      client
        .pause()
        .on('error', () => {})
        .write(head());
      servers.defer(() => client.destroy());
      await taken(gateway);
      await atRest(gateway);
    });

    it('between two tries', async () => {
      let asked = 0;
      const service = await servers.upstream((_, res) => {
        asked += 1;
        res.writeHead(503).end();
      });
      const gateway = await gatewayTo(service.url, {
        service: { retry: { backoff: { base: '60s', max: '60s' } }, timeouts: { request: '2m' } },
      });
      await leaveThrice(gateway, head(), async () => {
        const earlier = asked;
        await eventually(
          () => asked,
          (now) => now > earlier,
        );
      });
    });

    it('while another service answers in the place of the first', async () => {
      const service = await holding(servers);
      const given = open((await says('HTTP/1.1 503 No\r\nContent-Length: 5\r\n\r\n')).url, { route: { fallback: { service: 'other' } } });
      const limit = { concurrency: { limit: 1 }, circuitBreaker: { force: 'closed' }, ...tryingOnce };
      const { upstream } = given.services as { upstream: object };
      const gateway = await servers.public({
        ...given,
        services: { upstream: { ...upstream, ...limit }, other: { endpoints: [service.url], ...limit } },
      });
      for (let round = 1; round <= 3; round += 1) {
        const client = await connect(gateway.port);
        client.on('error', () => {}).write(head());
        await service.holds(round);
        expect((await placesOf(gateway, 'other')).inFlight).to.equal(1);
        expect((await placesOf(gateway, 'upstream')).inFlight).to.equal(0);
        client.resetAndDestroy();
        await atRest(gateway, 'other');
      }
    });

    it('while it asks for a WebSocket', async () => {
      const service = await servers.rawUpstream(() => {});
      const gateway = await gatewayTo(service.url, { route: { upgrade: ['websocket'] } });
      await leaveThrice(gateway, asksUpgrade());
      const unreachable = await gatewayTo((await nobody({ after: servers.defer })).url, { route: { upgrade: ['websocket'] } });
      await leaveThrice(unreachable, asksUpgrade());
    });

    it('by hanging up while it asks for a WebSocket', async () => {
      let asked = 0;
      const service = await servers.rawUpstream(() => {
        asked += 1;
      });
      const gateway = await gatewayTo(service.url, { route: { upgrade: ['websocket'] } });
      for (let round = 1; round <= 3; round += 1) {
        const client = await connect(gateway.port);
        client.write(asksUpgrade());
        await eventually(
          () => asked,
          (count) => count === round,
        );
        client.end();
        await atRest(gateway);
      }
    });

    it('at once when it asked for a WebSocket', async () => {
      const service = await servers.rawUpstream(() => {});
      const gateway = await gatewayTo(service.url, { route: { upgrade: ['websocket'] } });
      for (let round = 0; round < 20; round += 1) {
        const client = await connect(gateway.port);
        client.on('error', () => {});
        client.write(asksUpgrade(), () => client.resetAndDestroy());
        await once(client, 'close');
        await atRest(gateway);
      }
      await leaveThrice(gateway, asksUpgrade());
    });
  });

  it('when the client resets a stream of HTTP/2', async () => {
    const folder = certificateFolder();
    servers.defer(() => folder.remove());
    const { certFile: cert, keyFile: key } = await folder.localhost();
    const service = await holding(servers);
    const limits = {
      service: { concurrency: { limit: 1 }, circuitBreaker: { force: 'closed' } },
      public: { listen: { tls: { cert, key } } },
    };
    const gateway = await servers.public(open(service.url, limits), { directory: folder.path });
    const client = connectHttp2(`https://127.0.0.1:${gateway.port}`, { rejectUnauthorized: false });
    servers.defer(() => client.destroy());
    await once(client, 'connect');
    for (const [method, body] of [
      ['GET', ''],
      ['POST', 'half'],
      ['GET', ''],
    ] as const) {
      const stream = client.request({ ':path': '/', ':method': method }, { endStream: body === '' });
      stream.on('error', () => {});
      if (body !== '') stream.write(body);
      await taken(gateway);
      stream.close(constants.NGHTTP2_CANCEL);
      await atRest(gateway);
    }
    expect((await placesOf(gateway)).rejected).to.deep.equal({});
  });

  describe('when the service', () => {
    // Without a status where the cut may come before the head has left, or behind it.
    const answers: Readonly<Record<string, readonly [text: string, then: 'ends' | 'stays', status: number | undefined, method?: string]>> =
      {
        'answers with 204': ['HTTP/1.1 204 No Content\r\n\r\n', 'stays', 204],
        'answers with 304': ['HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n', 'stays', 304],
        'answers a HEAD': ['HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 'stays', 200, 'HEAD'],
        'answers without a length and ends': ['HTTP/1.1 200 OK\r\n\r\nhello', 'ends', 200],
        'answers in chunks with trailers': [
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n2\r\nok\r\n0\r\nx: y\r\n\r\n',
          'stays',
          200,
        ],
        'refuses for load': ['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n', 'stays', 503],
        'fails in the middle of an answer that was begun with 500': ['HTTP/1.1 500 No\r\nContent-Length: 1000\r\n\r\npart', 'ends', 500],
        'cuts its answer': ['HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart', 'ends', 200],
        'cuts its answer before the body': ['HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n', 'ends', undefined],
        'cuts its head': ['HTTP/1.1 200 O', 'ends', 502],
        'breaks the protocol': ['HTTP/1.1 999999 Never\r\n\r\n', 'stays', 502],
        'switches to a protocol that nobody asked for': ['HTTP/1.1 101 Why\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', 'stays', 502],
        'sends chunks that are none': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 'stays', undefined],
        'falls silent in its answer': ['HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart', 'stays', 200],
        'says nothing': ['', 'stays', 504],
        'hangs up': ['', 'ends', 502],
      };
    for (const [what, [text, then, status, method]] of Object.entries(answers))
      it(what, async () => {
        const service = await says(text, (socket) => (then === 'ends' ? socket.end() : undefined));
        const timeouts = { attempt: '200ms', idle: '200ms' };
        const gateway = await gatewayTo(service.url, { service: { ...tryingOnce, timeouts } });
        for (let round = 0; round < 3; round += 1) {
          const answer = await ask(gateway.port, '/', { method: method ?? 'GET' });
          if (status !== undefined) expect(answer.status).to.equal(status);
          await atRest(gateway);
        }
      });

    it('cannot be reached', async () => {
      const gateway = await gatewayTo(`http://127.0.0.1:${(await freePorts(1))[0]}`);
      for (let round = 0; round < 3; round += 1) expect((await ask(gateway.port)).status).to.equal(502);
      await atRest(gateway);
    });

    it('answers before it has read the upload', async () => {
      const service = await says('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
      const gateway = await gatewayTo(service.url);
      await leaveThrice(gateway, `${head('POST', 'Content-Length: 1000')}half`, (client) =>
        until(client, (received) => received.includes(' 413 ')),
      );
    });
  });

  it('when the upload is too large', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service.url, { public: { limits: { body: '10B' } } });
    const bytes = `${head('POST', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`;
    await leaveThrice(gateway, bytes, async (client) => {
      await taken(gateway);
      client.write('6\r\n world\r\n');
      await until(client, (received) => received.includes(' 413 '));
    });
  });

  describe('before the next try needs it', () => {
    const failing: Readonly<Record<string, Raw>> = {
      'an answer without an end': (socket) => socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 1000\r\n\r\npart'),
      'an answer': (socket) => socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'),
      'a cut connection': (socket) => socket.resetAndDestroy(),
    };
    for (const [what, fail] of Object.entries(failing))
      it(`behind ${what}`, async () => {
        const service = await servers.rawUpstream((socket, asked, count) => {
          if (count % 2 === 1) fail(socket, asked, count);
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        });
        // Without a pause, so that nothing but the order makes room.
        const gateway = await gatewayTo(service.url, { service: { retry: { backoff: { base: '0ms', max: '0ms' } } } });
        for (let round = 0; round < 3; round += 1) expect((await ask(gateway.port)).status).to.equal(200);
        await atRest(gateway);
        expect((await placesOf(gateway)).rejected).to.deep.equal({});
      });
  });

  describe('when a WebSocket', () => {
    const websocket = async (answer: Raw) => {
      const gateway = await gatewayTo((await servers.rawUpstream(answer)).url, { route: { upgrade: ['websocket'] }, service: tryingOnce });
      return async () => {
        const client = await connect(gateway.port);
        client.on('error', () => {}).write(asksUpgrade());
        const received = await until(client, (all) => all.includes('\r\n\r\n'));
        client.destroy();
        await atRest(gateway);
        return received;
      };
    };

    it('is refused', async () => {
      const refused = await websocket((socket) => socket.write('HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno'));
      for (let round = 0; round < 3; round += 1) expect(await refused()).to.match(/^HTTP\/1.1 403 /);
    });

    it('is refused without an end', async () => {
      const refused = await websocket((socket) => socket.write('HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nno'));
      for (let round = 0; round < 3; round += 1) expect(await refused()).to.match(/^HTTP\/1.1 403 /);
    });

    it('is granted as something else', async () => {
      const other = await websocket((socket) => socket.write('HTTP/1.1 101 Other\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n'));
      for (let round = 0; round < 3; round += 1) expect(await other()).to.match(/^HTTP\/1.1 502 /);
    });

    it('is cut', async () => {
      const cut = await websocket((socket) => socket.resetAndDestroy());
      for (let round = 0; round < 3; round += 1) expect(await cut()).to.match(/^HTTP\/1.1 502 /);
    });
  });
});
