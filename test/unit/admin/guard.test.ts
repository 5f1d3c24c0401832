import { expect } from 'chai';
import { request } from '../../support/client.ts';
import { aPort, type Port, TOKEN } from './a-port.ts';

const TEXT = 'services: {}\nroutes: []\n';

describe('the guard of the admin port', () => {
  const ports: Port[] = [];
  const started = async (options: Parameters<typeof aPort>[0]) => {
    const port = await aPort({ text: TEXT, ...options });
    ports.push(port);
    return port;
  };
  after(() => {
    for (const port of ports) port.close();
  });
  const writes: readonly (readonly [string, string])[] = [
    ['PUT', '/services/a'],
    ['PATCH', '/services/a'],
    ['DELETE', '/services/a'],
    ['POST', '/services/a/endpoints'],
    ['PATCH', '/services/a/endpoints/b:1'],
    ['DELETE', '/services/a/endpoints/b:1'],
    ['POST', '/routes'],
    ['PUT', '/routes/a'],
    ['PATCH', '/routes/a'],
    ['DELETE', '/routes/a'],
    ['POST', '/revisions/000000000000/rollback'],
    ['POST', '/reload'],
    ['POST', '/cache/purge'],
  ];

  it('asks for the token wherever something changes', async () => {
    const { admin, text } = await started({});
    for (const [method, path] of writes)
      for (const token of [undefined, 'wrong', `${TOKEN}x`]) {
        const { status, body, headers } = await admin(method, path, {}, { token });
        expect([status, body.code], `${method} ${path}`).to.deep.equal([401, 'unauthenticated']);
        expect(headers.get('www-authenticate')).to.match(/^Bearer realm="postern"/);
      }
    expect(text()).to.equal(TEXT);
    expect((await admin('POST', '/reload')).status).to.equal(200);
    expect((await admin('POST', '/reload', undefined, { headers: { Authorization: `bearer  ${TOKEN}` } })).status).to.equal(200);
  });

  it('lets read who is on the machine, and nobody from elsewhere', async () => {
    const local = await started({});
    const open = await started({ host: '0.0.0.0' });
    for (const path of ['/services', '/config', '/revisions', '/openapi.json', '/admin.openapi.json']) {
      expect((await local.admin('GET', path, undefined, { token: undefined })).status, path).to.equal(200);
      expect((await open.admin('GET', path, undefined, { token: undefined })).status, path).to.equal(401);
      expect((await open.admin('GET', path)).status, path).to.equal(200);
    }
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics'])
      expect((await open.admin('GET', path, undefined, { token: undefined })).status, path).to.equal(200);
    for (const path of ['/nothing', '/events', '/page/', '/page/../config', '/admin/page/a/b'])
      expect((await open.admin('GET', path, undefined, { token: undefined })).status, path).to.equal(401);
    // The page of the dashboard, in which the token is entered; here there is none.
    for (const path of ['/', '/page/style.css', '/admin/page/main.js'])
      expect((await open.admin('GET', path, undefined, { token: undefined })).status, path).to.equal(404);
  });

  it('without a token of its own lets nobody change anything, and says why', async () => {
    const { admin } = await started({ token: undefined });
    const { status, body } = await admin('POST', '/reload', undefined, { token: 'undefined' });
    expect([status, body.detail]).to.deep.equal([
      401,
      'The gateway has no token: admin-token-unwritten in its log says why. Or configure admin.token.',
    ]);
  });

  it('lets no page of a stranger in: by its origin, or by a name that leads here', async () => {
    const { url, admin } = await started({});
    const { host, port } = new URL(url);
    const named = async (name: string) => (await request(Number(port), ['GET /config HTTP/1.1', `Host: ${name}`])).status;
    for (const name of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.nip.io', '', 'localhost:1:2'])
      expect(await named(name), name).to.equal(403);
    for (const name of [host, `localhost:${port}`, 'LOCALHOST', '[::1]:9080', '10.1.2.3']) expect(await named(name), name).to.equal(200);
    const from = async (origin: string) => (await admin('POST', '/reload', undefined, { headers: { Origin: origin } })).status;
    for (const origin of ['http://evil.example', 'null', `http://127.0.0.1:${Number(port) + 1}`])
      expect(await from(origin), origin).to.equal(403);
    expect(await from(url)).to.equal(200);
    const { headers } = await admin('OPTIONS', '/services', undefined, { token: undefined });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
  });

  it('lets what a page of a stranger brings in tell no origin, but follows links', async () => {
    const { admin } = await started({});
    const asked = async (site: string, mode: string) =>
      (
        await request(Number(new URL((await started({})).url).port), [
          'GET /config HTTP/1.1',
          'Host: localhost',
          `Sec-Fetch-Site: ${site}`,
          `Sec-Fetch-Mode: ${mode}`,
        ])
      ).status;
    expect([await asked('cross-site', 'no-cors'), await asked('same-site', 'no-cors'), await asked('cross-site', 'cors')]).to.deep.equal([
      403, 403, 403,
    ]);
    expect([await asked('cross-site', 'navigate'), await asked('same-origin', 'cors'), await asked('none', 'navigate')]).to.deep.equal([
      200, 200, 200,
    ]);
    const inQuery = await admin('POST', `/reload?access_token=${TOKEN}&token=${TOKEN}`, undefined, { token: undefined });
    expect(inQuery.status).to.equal(401);
  });

  it('holds nobody for ever, and not more than a few at once', async () => {
    const { server } = await started({});
    const { headersTimeout, requestTimeout, timeout, maxConnections } = server;
    expect({ headersTimeout, requestTimeout, timeout, maxConnections }).to.deep.equal({
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      timeout: 120_000,
      maxConnections: 1_000,
    });
  });

  it('takes no body of a type that forms can send', async () => {
    const { admin } = await started({});
    const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain;application/json'];
    for (const type of types) {
      const { status } = await admin('PUT', '/services/a', undefined, {
        match: '"000000000000"',
        raw: '{"endpoints":["http://a"]}',
        headers: { 'Content-Type': type },
      });
      expect(status, type).to.equal(415);
    }
  });
});
