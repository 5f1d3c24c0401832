import { connect } from 'node:http2';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { open as connection, until, untilClosed } from '../support/client.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type FilterFolder, filterFolder } from './support/filter-folder.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('filters bear', () => {
  const servers = serversOfThisSuite();
  let folder: FilterFolder;
  /** What a filter and its test tell one another. */
  const shared: Record<string, () => Promise<void>> = {};
  before(() => {
    folder = filterFolder(servers);
    Object.assign(globalThis, { shared });
  });
  let count = 0;
  const filter = (stage: string, body: string): string => {
    count += 1;
    return folder.write(`f${count}.ts`, `name: 'f${count}', stage: '${stage}', async run(exchange) { ${body} }`);
  };
  after(() => {
    Reflect.deleteProperty(globalThis, 'shared');
  });
  /** A place in a filter: the test hears that it was reached, and lets it go on. */
  const place = (name: string) => {
    const [reached, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    shared[name] = () => {
      reached.resolve();
      return goOn.promise;
    };
    return { reached: reached.promise, goOn: goOn.resolve };
  };
  const outcome = (gateway: TestGateway) =>
    eventually(
      () => gateway.logged().find((line) => line['event'] === 'request' || line['problem'] !== undefined),
      (line) => line !== undefined,
    );

  for (const stage of ['pre', 'route', 'post'])
    it(`a client that leaves in stage ${stage}`, async () => {
      const { reached, goOn } = place(stage);
      const upstream = await servers.upstream((_, res) => {
        res.writeHead(200, { 'content-type': 'text/plain' });
        res.write('first');
      });
      const next = stage === 'route' ? 'await exchange.next();' : '';
      const filters = [filter(stage, `${next} await globalThis.shared.${stage}();`), 'secureHeaders', 'compress'];
      const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
      const socket = await connection(gateway.port);
      socket.write('GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n');
      await reached;
      socket.destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
      goOn();
      expect(await outcome(gateway)).to.include({ problem: 'client-closed' });
      await eventually(
        () => upstream.connections.filter(({ destroyed }) => !destroyed).length,
        (open) => open === 0,
      );
      // The place of the service is free again: nothing is left of it.
      expect(gateway.logged().filter(({ event }) => event === 'pipeline-fault')).to.deep.equal([]);
    });

  it('an upload that a filter refuses, over HTTP/1 and HTTP/2, begun or waiting for a 100', async () => {
    const certificates = certificateFolder();
    servers.defer(() => certificates.remove());
    const { certFile, keyFile } = await certificates.localhost();
    const paths = { cert: `${certificates.path}/${certFile}`, key: `${certificates.path}/${keyFile}` };
    const filters = [filter('pre', "exchange.respond(403, {}, 'no')")];
    const upstream = await servers.upstream();
    const plain = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    for (const expectation of ['', 'expect: 100-continue\r\n']) {
      const socket = await connection(plain.port);
      socket.write(
        `POST / HTTP/1.1\r\nhost: x\r\n${expectation}content-length: 1000000\r\n\r\n${expectation === '' ? 'x'.repeat(1000) : ''}`,
      );
      const answer = await untilClosed(socket);
      expect(answer)
        .to.match(/^HTTP\/1.1 403 /)
        .and.to.match(/connection: close/i);
    }
    const secure = await servers.public(open(upstream.url, { route: { filters }, public: { listen: { tls: paths } } }), {
      directory: folder.directory,
    });
    const session = connect(secure.url, { rejectUnauthorized: false });
    for (let turn = 0; turn < 3; turn += 1) {
      const stream = session.request({ ':path': '/', ':method': 'POST' });
      stream.on('error', () => {});
      stream.write('x'.repeat(1000));
      const status = await new Promise((resolve) => stream.on('response', (fields) => resolve(fields[':status'])));
      expect(status).to.equal(403);
      stream.close();
    }
    session.close();
    expect(upstream.requests).to.have.length(0);
  });

  it('an upload that a filter has looked at, on its way to the service whole', async () => {
    const filters = [
      { requestSize: '300KiB' },
      filter('pre', "exchange.request.headers.set('x-seen', String((await exchange.request.body(100))?.length))"),
    ];
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    for (const [size, seen] of [
      [50, '50'],
      [200_000, 'undefined'],
    ] as const) {
      const answer = (await ask(gateway.port, '/', { method: 'POST', body: 'x'.repeat(size) })).json() as unknown as {
        body: string;
        headers: Record<string, string>;
      };
      expect([answer.body.length, answer.headers['x-seen']]).to.deep.equal([size, seen]);
    }
    const chunked = await connection(gateway.port);
    chunked.write(
      `POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(6)}0\r\n\r\n`,
    );
    expect(await until(chunked, (received) => received.includes('body-too-large'))).to.match(/^HTTP\/1.1 413 /);
    chunked.destroy();
    expect((await ask(gateway.port, '/', { method: 'POST', headers: { 'content-length': '400000' } })).status).to.equal(413);
  });

  const upgrade =
    'GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: a\r\nsec-websocket-version: 13\r\n\r\n';
  const upgrading = async (...filters: (string | object)[]) => {
    const upstream = await servers.rawUpstream((socket, head) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n${/^x-set: .*$/m.exec(head)?.[0] ?? ''} hello`,
      );
    });
    const given = open(upstream.url, { route: { filters, upgrade: ['websocket'] } });
    const gateway = await servers.public(given, { directory: folder.directory });
    const socket = await connection(gateway.port);
    socket.write(upgrade);
    return { upstream, socket };
  };

  it('an upgrade: what goes down is changed, what is a tunnel is not', async () => {
    const around = filter('route', 'await exchange.next(); globalThis.shared.status = exchange.response.status;');
    const { socket } = await upgrading(
      { setRequestHeader: { 'x-set': 'by a filter' } },
      around,
      { setStatus: 200 },
      'secureHeaders',
      'compress',
    );
    const answer = await until(socket, (received) => received.includes('hello'));
    expect(answer)
      .to.match(/^HTTP\/1.1 101 /)
      .and.to.contain('x-set: by a filter hello');
    expect((shared as unknown as { status: number }).status).to.equal(101);
    socket.destroy();
  });

  it('an upgrade that a filter refuses, is an ordinary answer; one that a filter would change when it is done is cut', async () => {
    const refused = await upgrading(filter('pre', "exchange.respond(403, {}, 'no')"));
    expect(await untilClosed(refused.socket)).to.match(/^HTTP\/1.1 403 [\s\S]*no$/);
    const changed = await upgrading(filter('route', 'await exchange.next(); exchange.response.status = 200;'));
    // The service speaks the other protocol already: there is nobody to give this up to, but by a cut.
    expect(await untilClosed(changed.socket)).to.equal('');
    await eventually(() => changed.upstream.connections.every(({ destroyed }) => destroyed), Boolean);
  });

  it('answers without a body', async () => {
    const upstream = await servers.upstream((req, res) =>
      res.writeHead(Number(req.url?.slice(1)), { etag: '"a"', 'content-type': 'text/plain' }).end(),
    );
    const post = filter(
      'post',
      "exchange.response.headers.set('x-length', String((await exchange.response.body(10)).length)); exchange.response.setBody('more');",
    );
    const gateway = await servers.public(open(upstream.url, { route: { filters: [post, 'compress'] } }), { directory: folder.directory });
    for (const status of [204, 304]) {
      const answer = await ask(gateway.port, `/${status}`);
      expect([answer.status, answer.body, answer.header('x-length'), answer.header('content-length')]).to.deep.equal([
        status,
        '',
        '0',
        undefined,
      ]);
    }
    const head = await ask(gateway.port, '/200', { method: 'HEAD' });
    expect([head.status, head.body]).to.deep.equal([200, '']);
  });

  it('a service that breaks its answer while a filter looks at it', async () => {
    const upstream = await servers.rawUpstream((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'));
    const filters = [
      filter('post', 'await exchange.response.body(1000)'),
      filter('error', "exchange.response.headers.set('x-error', exchange.error.code)"),
    ];
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = await ask(gateway.port, '/');
    expect([answer.status, answer.header('x-error')]).to.deep.equal([502, 'response-incomplete']);
  });

  it('an answer larger than they look at', async () => {
    const body = 'y'.repeat(500_000);
    const upstream = await servers.upstream((_, res) => void res.end(body));
    const filters = [filter('post', "exchange.response.headers.set('x-seen', String(await exchange.response.body(1000)))")];
    const gateway = await servers.public(open(upstream.url, { route: { filters } }), { directory: folder.directory });
    const answer = await fetch(gateway.url);
    expect([answer.headers.get('x-seen'), (await answer.text()).length]).to.deep.equal(['undefined', body.length]);
  });
});
