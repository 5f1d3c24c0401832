/** What authentication is worth depends on the whole gateway: identity fields, paths, upgrades, preflights, the other gateway. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { expect } from 'chai';
import { type WebSocket, WebSocketServer } from 'ws';
import { certificateFolder } from '../../behaviour/support/certificates.ts';
import { open as openSocket, request, until } from '../../support/client.ts';
import { startPrivate, startPublic } from '../../support/gateways.ts';
import { startUpstream } from '../../support/upstream.ts';
import { testClock } from './support/clock.ts';
import { AUDIENCE, goodClaims, honest, ISSUER, newKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectInvalidToken } from './support/refusal.ts';
import { type Rig, received, rig } from './support/rig.ts';

const forged = ['X-User-Id: admin', 'x-user-id: admin', 'X-USER-ID: admin', 'x_user_id: admin', 'X_User-Id: admin', 'X-Gateway-Caller: admin', 'x-gateway-role: admin', 'X_GATEWAY_CALLER: admin'];
const isForged = (fields: readonly string[]): boolean => fields.some((text) => text.includes('admin'));

describe('access tokens: in the gateway', () => {
  const key = newKey('RS256', 'rsa');
  const open = { name: 'open', match: { pathPrefix: '/open' }, service: 'upstream', expose: { public: { access: 'anonymous' } } };
  let issuer: KeySetServer;
  let gateway: Rig;
  let token: string;

  before(async () => {
    issuer = await keySetServer(key);
    gateway = await rig({ jwt: { jwks: issuer.url }, routes: [open] });
    token = await honest(key, goodClaims(gateway.clock.seconds()));
  });
  after(() => Promise.all([gateway.close(), issuer.close()]));

  for (const path of ['/orders', '/open']) {
    it(`J18 keeps identity fields of the client from the origin on ${path}`, async () => {
      const lines = [`GET ${path} HTTP/1.1`, 'Host: shop', `Authorization: Bearer ${token}`];
      for (const fields of [...forged.map((field) => [field]), forged, ['X-User-Id: admin', 'Connection: x-user-id'], ['X-Gateway-Caller: admin', 'Connection: close, X-Gateway-Caller, X-User-Id']]) {
        const answer = await request(gateway.port, [...lines, ...fields]);
        expect(answer.status, fields.join()).to.equal(200);
        const { rawHeaders, headers } = received({ ...answer, headers: {} });
        expect(isForged(rawHeaders), rawHeaders.join()).to.equal(false);
        expect(headers['x-user-id']).to.equal(path === '/orders' ? 'user-1' : undefined);
      }
    });
  }

  it('J18 lets no Connection list take away what the gateway says of the user', async () => {
    const answer = await request(gateway.port, ['GET /orders HTTP/1.1', 'Host: shop', `Authorization: Bearer ${token}`, 'Connection: X-User-Id, X-Forwarded-For, X-Request-Id']);
    expect(received({ ...answer, headers: {} }).headers).to.include.all.keys('x-user-id', 'x-forwarded-for', 'x-request-id');
  });

  it('J18 keeps them from the origin when that answers 304', async () => {
    const origin = await startUpstream((_request, response) => response.writeHead(304, { etag: '"1"' }).end());
    const caching = await startPublic({ services: { upstream: { endpoints: [origin.url] } }, routes: [{ ...open, match: { pathPrefix: '/' } }] });
    const answer = await request(caching.port, ['GET /open HTTP/1.1', 'Host: shop', 'If-None-Match: "1"', ...forged]);
    expect(answer.status).to.equal(304);
    expect(origin.requests).to.have.length(1);
    expect(isForged(origin.requests[0]?.rawHeaders ?? [])).to.equal(false);
    await caching.stop();
    await origin.close();
  });

  const tricks = ['//orders', '/./orders', '/orders/', '/orders?', '/orders?x', '/%6frders', '/%6Frders', '/%6f%72%64%65%72%73', '/open/../orders', '/open/%2e%2e/orders', '/open/.%2E/orders', '/open%2f..%2forders', '/open/..%2forders', '/open%5c..%5corders', '/open\\..\\orders', '/open/..;/orders', '/open;/../orders', '/;x/orders', '/orders;x', '/orders;x=y/1', '/orders%3bx', '/orders%00', '/orders%20', '/orders/.', '/orders/..', '/open/..', '/orders%2f', '/orders%2F1', '/%2forders', '/%2e/orders', '/x/..//orders', '///orders', '/orders#', '/orders/%2e%2e/orders', '/ORDERS', '/Orders', '/%252e%252e/orders', '/open/%252e%252e/orders', '/%c0%af../orders', '/orders\t'];

  it('J21 is not talked past a protected path', async () => {
    for (const path of tricks) {
      for (const target of [path, `http://shop${path}`, `http://user@shop${path}`]) await expectKept(gateway, target);
    }
    for (const target of ['orders', 'shop/orders', 'http:/orders', 'http:///orders', 'http://shop', 'https://shop/orders', 'ws://shop/orders']) await expectKept(gateway, target);
  });

  it('J21 hands the origin of an open route nothing that it might take for the protected path', async () => {
    const everything = await rig({ jwt: { jwks: issuer.url }, routes: [{ ...open, match: { pathPrefix: '/' } }] });
    for (const path of tricks) {
      for (const target of [path, `http://shop${path}`]) {
        const answer = await request(everything.port, [`GET ${target} HTTP/1.1`, 'Host: shop']);
        if (answer.status === 200) expect(leniently(received({ ...answer, headers: {} }).url), target).to.not.match(/^\/orders(\/|$)/);
        else expect(answer.status, target).to.be.oneOf([400, 401, 404]);
      }
    }
    await everything.close();
  });

  it('J21 is not talked past a protected path over HTTP/2', async () => {
    const certificates = certificateFolder();
    const { certFile, keyFile, cert } = certificates.authority('localhost');
    const tls = { cert: join(certificates.path, certFile), key: join(certificates.path, keyFile) };
    const secure = await rig({ jwt: { jwks: issuer.url }, routes: [open], settings: { listen: { tls } } });
    const session = connect(`https://localhost:${secure.port}`, { ca: cert, createConnection: () => tlsConnect({ port: secure.port, host: '127.0.0.1', ca: cert, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined }) });
    const status = async (headers: OutgoingHttpHeaders): Promise<number> => {
      const stream = session.request(headers);
      const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }];
      stream.close();
      return answer[':status'];
    };
    try {
      for (const path of tricks.filter((trick) => !/[\s#]/.test(trick))) {
        const before = secure.forwarded;
        expect(await status({ ':path': path }), path).to.be.oneOf([400, 401, 404]);
        expect(secure.forwarded, path).to.equal(before);
      }
      expect(await status({ ':path': '/orders', authorization: `Bearer ${token}` })).to.equal(200);
      expect(await status({ ':path': '/orders', authorization: `Bearer ${token}x` })).to.equal(401);
    } finally {
      session.destroy();
      await secure.close();
      certificates.remove();
    }
  });

  it('J22 answers a preflight without a token only where CORS is declared', async () => {
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'GET' } };
    expect((await gateway.send(preflight)).status).to.equal(401);

    const declared = await rig({ jwt: { jwks: issuer.url }, settings: { cors: { origins: ['https://shop.example.com'], credentials: true } } });
    const { status, headers } = await declared.send(preflight);
    expect(status).to.equal(204);
    expect(headers['access-control-allow-origin']).to.equal('https://shop.example.com');
    for (const ordinary of [{ origin: 'https://shop.example.com' }, { 'access-control-request-method': 'GET' }]) {
      const answer = await declared.send({ method: 'OPTIONS', headers: ordinary });
      expect(answer.status).to.equal(401);
      expect(answer.headers.vary).to.match(/\borigin\b/i);
    }
    expect(declared.forwarded).to.equal(0);
    await declared.close();
  });

  it('J09 a token of the public gateway opens nothing on the private one', async () => {
    const origin = await startUpstream();
    const inside = await startPrivate({
      services: { upstream: { endpoints: [origin.url] } },
      routes: [{ name: 'orders', match: { pathPrefix: '/orders' }, service: 'upstream', expose: { public: {}, private: { callers: ['checkout'] } } }],
      public: { jwt: { issuer: ISSUER, audience: AUDIENCE, jwks: issuer.url } },
      private: { callers: { checkout: { from: ['10.1.0.0/24'] } } },
    });
    const { status } = await request(inside.port, ['GET /orders HTTP/1.1', 'Host: orders', `Authorization: Bearer ${token}`]);
    expect(status).to.equal(403);
    expect(origin.connections).to.have.length(0);
    await inside.stop();
    await origin.close();
  });

  describe('on an upgrade', () => {
    const clock = testClock();
    let chat: Awaited<ReturnType<typeof chatServer>>;
    let edge: Awaited<ReturnType<typeof startPublic>>;

    before(async () => {
      chat = await chatServer();
      edge = await startPublic(
        {
          services: { chat: { endpoints: [chat.url] } },
          routes: [
            { name: 'chat', match: { path: '/chat' }, service: 'chat', upgrade: ['websocket'], expose: { public: { scopes: ['orders:read'] } } },
            { name: 'lobby', match: { path: '/lobby' }, service: 'chat', upgrade: ['websocket'], expose: { public: { access: 'anonymous' } } },
          ],
          public: { jwt: { issuer: ISSUER, audience: AUDIENCE, jwks: issuer.url } },
        },
        { clock },
      );
    });
    after(async () => {
      await edge.stop();
      await chat.close();
    });

    const handshake = (path: string, fields: readonly string[] = []): string[] => [
      `GET ${path} HTTP/1.1`,
      'Host: shop',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...fields,
    ];

    async function opened(lines: readonly string[]) {
      const socket = await openSocket(edge.port);
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      const head = await until(socket, (text) => text.includes('\r\n\r\n'));
      return { socket, head };
    }

    it('J23 asks for the token before it opens a connection to the service', async () => {
      const expired = await honest(key, { ...goodClaims(clock.seconds()), exp: clock.seconds() - 60 });
      const unscoped = await honest(key, { ...goodClaims(clock.seconds()), scope: 'nothing' });
      for (const [fields, status] of [
        [[], 401],
        [['Authorization: Bearer x'], 401],
        [[`Authorization: Bearer ${expired}`], 401],
        [[`Authorization: Bearer ${unscoped}`], 403],
        [['Sec-WebSocket-Protocol: bearer, token'], 401],
      ] as const) {
        const { socket, head } = await opened([...handshake('/chat', fields), 'Connection: Upgrade']);
        expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
        expect(head).to.match(/^www-authenticate: Bearer/im);
        socket.destroy();
      }
      expect(chat.connections).to.equal(0);
    });

    it('J23 opens the socket for a good token, and keeps it when the token ends', async () => {
      const { socket, head } = await opened([...handshake('/chat', [`Authorization: Bearer ${await honest(key, goodClaims(clock.seconds()))}`]), 'Connection: Upgrade']);
      expect(head).to.match(/^HTTP\/1.1 101 /);
      clock.advance(2 * 3600 * 1000); // a token is asked for when a socket opens: who holds one may finish
      const echoed = until(socket, (text) => text.includes('hello'));
      socket.write(masked('hello'));
      expect(await echoed).to.contain('hello');
      socket.destroy();
    });

    for (const path of ['/chat', '/lobby']) {
      it(`J18 keeps identity fields from the service on an upgrade of ${path}`, async () => {
        const good = await honest(key, { ...goodClaims(clock.seconds()), sub: 'user-3' });
        for (const connection of ['Connection: Upgrade', 'Connection: Upgrade, X-User-Id, X-Gateway-Caller']) {
          const { socket, head } = await opened([...handshake(path, [`Authorization: Bearer ${good}`, ...forged]), connection]);
          expect(head).to.match(/^HTTP\/1.1 101 /);
          expect(isForged(chat.lastFields()), chat.lastFields().join()).to.equal(false);
          expect(chat.lastFields().includes('user-3')).to.equal(path === '/chat');
          socket.destroy();
        }
      });
    }
  });
});

async function expectKept(gateway: Rig, target: string): Promise<void> {
  const before = gateway.forwarded;
  const answer = await request(gateway.port, [`GET ${target} HTTP/1.1`, 'Host: shop']);
  const reached = gateway.forwarded - before;
  if (answer.status === 200) expect(leniently(received({ ...answer, headers: {} }).url), target).to.match(/^\/open(\/|$)/);
  else expect(answer.status, target).to.be.oneOf([400, 401, 404]);
  expect(reached, target).to.equal(answer.status === 200 ? 1 : 0);
  if (answer.status === 401 && answer.headers['www-authenticate']?.[0]?.includes('error')) expectInvalidToken({ ...answer, headers: {} });
}

/** A path as the most lenient of services would read it: without parameters (they go before decoding), decoded to the end. */
function leniently(path: string): string {
  let text = (path.split(/[?#]/)[0] ?? '').replaceAll(/;[^/]*/g, '');
  for (let decoded = ''; decoded !== text; ) {
    decoded = text;
    text = text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
  const elements: string[] = [];
  for (const element of text.replaceAll('\\', '/').split('/')) {
    const name = element.split('\0')[0] ?? '';
    if (name === '..') elements.pop();
    else if (name !== '' && name !== '.') elements.push(name);
  }
  return `/${elements.join('/')}`;
}

/** A WebSocket service that echoes. */
async function chatServer() {
  let connections = 0;
  let fields: readonly string[] = [];
  const server = createServer((_request, response) => response.writeHead(426).end());
  server.on('connection', () => {
    connections++;
  });
  server.prependListener('upgrade', ({ rawHeaders }) => {
    fields = rawHeaders;
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket: WebSocket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => socket.send(data.toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    lastFields: () => fields,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A text frame of a client, masked with zeros (RFC 6455 section 5.2). */
const masked = (text: string): Buffer => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
