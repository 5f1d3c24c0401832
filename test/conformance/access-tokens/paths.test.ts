/** A protected path stays protected, however it is written. */
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { connect as tlsConnect } from 'node:tls';
import { expect } from 'chai';
import { certificateFolder } from '../../support/certificates.ts';
import { request } from '../../support/client.ts';
import { goodClaims, honest, newKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectInvalidToken } from './support/refusal.ts';
import { type Rig, received, rig } from './support/rig.ts';

describe('access tokens: paths', () => {
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
  const tricks = [
    '//orders',
    '/./orders',
    '/orders/',
    '/orders?',
    '/orders?x',
    '/%6frders',
    '/%6Frders',
    '/%6f%72%64%65%72%73',
    '/open/../orders',
    '/open/%2e%2e/orders',
    '/open/.%2E/orders',
    '/open%2f..%2forders',
    '/open/..%2forders',
    '/open%5c..%5corders',
    '/open\\..\\orders',
    '/open/..;/orders',
    '/open;/../orders',
    '/;x/orders',
    '/orders;x',
    '/orders;x=y/1',
    '/orders%3bx',
    '/orders%00',
    '/orders%20',
    '/orders/.',
    '/orders/..',
    '/open/..',
    '/orders%2f',
    '/orders%2F1',
    '/%2forders',
    '/%2e/orders',
    '/x/..//orders',
    '///orders',
    '/orders#',
    '/orders/%2e%2e/orders',
    '/ORDERS',
    '/Orders',
    '/%252e%252e/orders',
    '/open/%252e%252e/orders',
    '/%c0%af../orders',
    '/orders\t',
  ];

  it('J21 is not talked past a protected path', async () => {
    for (const path of tricks) {
      for (const target of [path, `http://shop${path}`, `http://user@shop${path}`]) await expectKept(gateway, target);
    }
    for (const target of [
      'orders',
      'shop/orders',
      'http:/orders',
      'http:///orders',
      'http://shop',
      'https://shop/orders',
      'ws://shop/orders',
    ])
      await expectKept(gateway, target);
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
    const { certFile, keyFile, cert } = await certificates.authority('localhost');
    const tls = { cert: join(certificates.path, certFile), key: join(certificates.path, keyFile) };
    const secure = await rig({ jwt: { jwks: issuer.url }, routes: [open], settings: { listen: { tls } } });
    const session = connect(`https://localhost:${secure.port}`, {
      ca: cert,
      createConnection: () =>
        tlsConnect({ port: secure.port, host: '127.0.0.1', ca: cert, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined }),
    });
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
