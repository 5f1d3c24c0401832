import { request as httpRequest, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { startPublic, type TestGateway } from '../../support/gateways.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

const SHOP = 'https://shop.example.com';
const EVIL = 'https://evil.example.com';

describe('cors', () => {
  let upstream: Upstream;
  let gateway: TestGateway;

  async function start(cors: object | undefined): Promise<void> {
    upstream = await startUpstream((_request, response) => {
      // A service that answers for itself: every origin, with credentials.
      response.writeHead(200, {
        vary: 'Accept-Encoding',
        'access-control-allow-origin': EVIL,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'x-internal',
      });
      response.end();
    });
    gateway = await startPublic({
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [
        {
          name: 'open',
          match: { pathPrefix: '/open', methods: ['GET', 'POST'] },
          service: 'upstream',
          expose: { public: { access: 'anonymous' } },
        },
        {
          name: 'beta',
          match: { pathPrefix: '/beta', headers: { 'X-Beta': 'yes' }, cookies: { plan: 'pro' } },
          service: 'upstream',
          expose: { public: { access: 'anonymous' } },
        },
        { name: 'closed', match: { pathPrefix: '/closed' }, service: 'upstream', expose: { public: {} } },
      ],
      public: { jwt: { issuer: 'i', audience: 'a', secret: 'x'.repeat(32), algorithms: ['HS256'] }, ...(cors && { cors }) },
    });
  }
  afterEach(async () => {
    await gateway.stop();
    await upstream.close();
  });

  const ask = (method: string, path: string, headers: Record<string, string>): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: gateway.port, method, path, headers, agent: false }, (response) =>
        resolve(response.resume()),
      );
      request.on('error', reject).end();
    });
  const preflight = (origin: string, more: Record<string, string> = {}, path = '/closed') =>
    ask('OPTIONS', path, { origin, 'access-control-request-method': 'POST', ...more });
  const about = ({ headers }: IncomingMessage) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
  const varies = ({ headers }: IncomingMessage) => (headers.vary ?? '').toLowerCase().split(/\s*,\s*/);

  it('answers a preflight of a listed origin itself, without a token', async () => {
    await start({ origins: [SHOP], credentials: true, maxAge: '10m', exposeHeaders: ['x-total'] });
    const answer = await preflight(SHOP, { 'access-control-request-headers': 'authorization,x-a' });
    expect(answer.statusCode).to.equal(204);
    expect(about(answer)).to.deep.equal({
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': 'authorization,x-a',
      'access-control-max-age': '600',
    });
    expect(varies(answer)).to.have.members(['origin', 'access-control-request-method', 'access-control-request-headers']);
    expect(upstream.requests).to.have.length(0);
  });

  it('allows the header fields and methods that are configured, whatever is asked', async () => {
    await start({ origins: [SHOP], methods: ['GET'], headers: ['content-type', 'x-b'] });
    const answer = await preflight(SHOP, { 'access-control-request-headers': 'authorization' });
    expect(about(answer)).to.include({ 'access-control-allow-methods': 'GET', 'access-control-allow-headers': 'content-type, x-b' });
    expect(answer.headers).to.not.have.property('access-control-allow-credentials');
  });

  it('answers a preflight of any other origin without a word of permission, but says that it varies', async () => {
    await start({ origins: [SHOP], credentials: true });
    for (const origin of [
      EVIL,
      'null',
      '*',
      SHOP.toUpperCase(),
      `${SHOP}/`,
      `${SHOP}:443`,
      `${SHOP}.evil.example`,
      'http://shop.example.com',
      `${SHOP}, ${EVIL}`,
      '',
    ]) {
      const answer = await preflight(origin, { 'access-control-request-private-network': 'true' });
      expect(answer.statusCode, origin).to.equal(204);
      expect(about(answer), origin).to.deep.equal({});
      expect(varies(answer), origin).to.include('origin');
    }
  });

  it('echoes no header list that is not one', async () => {
    await start({ origins: [SHOP] });
    for (const list of ['', 'a b', 'a;b', 'a,,b', '"a"', ',']) {
      expect(await preflight(SHOP, { 'access-control-request-headers': list }).then(about), list).to.not.have.property(
        'access-control-allow-headers',
      );
    }
  });

  it('speaks of a private network only when asked, and only to an origin that is named', async () => {
    const asked = { 'access-control-request-private-network': 'true' };
    await start({ origins: [SHOP] });
    expect(await preflight(SHOP).then(about)).to.not.have.property('access-control-allow-private-network');
    expect(await preflight(SHOP, asked).then(about)).to.have.property('access-control-allow-private-network', 'true');
    await Promise.all([gateway.stop(), upstream.close()]);
    await start({ origins: ['*'] });
    expect(await preflight(SHOP, asked).then(about)).to.not.have.property('access-control-allow-private-network');
  });

  it('replaces what the service says, once, for a listed origin', async () => {
    await start({ origins: [SHOP], credentials: true, exposeHeaders: ['x-total', 'x-next'] });
    const answer = await ask('GET', '/open', { origin: SHOP });
    expect(about(answer)).to.deep.equal({
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-total, x-next',
    });
    expect(answer.rawHeaders.filter((name) => name.toLowerCase() === 'access-control-allow-origin')).to.have.length(1);
    expect(varies(answer)).to.have.members(['origin', 'accept-encoding']);
  });

  it('lets no service allow an origin that the gateway does not', async () => {
    await start({ origins: [SHOP], credentials: true });
    for (const headers of [{ origin: EVIL }, {}] as Record<string, string>[]) {
      const answer = await ask('GET', '/open', headers);
      expect(answer.statusCode).to.equal(200);
      expect(about(answer)).to.deep.equal({});
      expect(varies(answer)).to.include('origin');
    }
  });

  it('names any origin by *, without credentials', async () => {
    await start({ origins: ['*'] });
    expect(about(await ask('GET', '/open', { origin: EVIL }))).to.deep.equal({ 'access-control-allow-origin': '*' });
    expect(about(await preflight('null'))).to.include({ 'access-control-allow-origin': '*' });
  });

  it('lets a page read why it was refused', async () => {
    await start({ origins: [SHOP], credentials: true });
    const answer = await ask('GET', '/closed', { origin: SHOP });
    expect(answer.statusCode).to.equal(401);
    expect(about(answer)).to.include({ 'access-control-allow-origin': SHOP, 'access-control-allow-credentials': 'true' });
    expect(varies(answer)).to.include('origin');
  });

  it('answers no preflight for a method or a path that no route takes', async () => {
    await start({ origins: [SHOP] });
    expect((await preflight(SHOP, { 'access-control-request-method': 'DELETE' }, '/open')).statusCode).to.equal(405);
    expect((await preflight(SHOP, {}, '/nowhere')).statusCode).to.equal(404);
  });

  it('answers a preflight of a route with conditions on what only its request will have', async () => {
    await start({ origins: [SHOP] });
    const asked = await preflight(SHOP, { 'access-control-request-headers': 'authorization, X-Beta' }, '/beta');
    expect(asked.statusCode).to.equal(204);
    expect(about(asked)).to.include({ 'access-control-allow-origin': SHOP });
    expect((await preflight(SHOP, {}, '/beta')).statusCode).to.equal(404);
    expect((await ask('GET', '/beta', { origin: SHOP, 'access-control-request-headers': 'x-beta' })).statusCode).to.equal(404);
    expect((await ask('GET', '/beta', { origin: SHOP, 'x-beta': 'yes', cookie: 'plan=pro' })).statusCode).to.equal(200);
  });

  it('leaves everything to the service where nothing is configured', async () => {
    await start(undefined);
    const answer = await ask('GET', '/open', { origin: EVIL });
    expect(about(answer)).to.include({ 'access-control-allow-origin': EVIL });
    expect(answer.headers.vary).to.equal('Accept-Encoding');
    expect((await preflight(EVIL)).statusCode).to.equal(401);
  });
});
