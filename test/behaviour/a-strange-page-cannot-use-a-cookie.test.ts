import { expect } from 'chai';
import { request } from '../support/client.ts';
import { startPublic, type TestGateway } from '../support/gateways.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';

const own = ['Host: shop.test', 'Cookie: session=whatever'];

describe('a page of another site cannot act with the cookie of a user', () => {
  let upstream: Upstream;
  let gateway: TestGateway;
  let either: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    const start = (...from: unknown[]) =>
      startPublic({
        services: { shop: { endpoints: [upstream.url] } },
        routes: [{ name: 'cart', match: { path: '/cart' }, service: 'shop', expose: { public: {} }, upgrade: ['websocket'] }],
        public: {
          jwt: { issuer: 'i', audience: 'a', secret: 'x'.repeat(32), algorithms: ['HS256'], from },
          cors: { origins: ['https://app.test'], credentials: true },
        },
      });
    gateway = await start({ cookie: 'session' });
    either = await start('bearer', { cookie: 'session' });
  });
  after(async () => {
    await Promise.all([gateway.stop(), either.stop()]);
    await upstream.close();
  });

  const status = async (line: string, ...fields: string[]) =>
    (await request(gateway.port, [`${line} /cart HTTP/1.1`, ...own, ...fields])).status;
  const upgrade = async (origin: string) => {
    const fields = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `Origin: ${origin}`];
    return (await request(gateway.port, ['GET /cart HTTP/1.1', ...own, ...fields, 'Connection: Upgrade'])).status;
  };

  it('refuses its forms and its WebSockets', async () => {
    expect(await status('POST', 'Origin: https://evil.test', 'Content-Length: 0')).to.equal(403);
    expect(await upgrade('https://evil.test')).to.equal(403);
    expect(upstream.requests).to.have.length(0);
  });

  it('goes on to the token for the own origin, a listed one, and no origin at all', async () => {
    expect(await status('POST', 'Origin: http://shop.test', 'Content-Length: 0')).to.equal(401);
    expect(await status('POST', 'Origin: https://app.test', 'Content-Length: 0')).to.equal(401);
    expect(await status('POST', 'Content-Length: 0')).to.equal(401);
    expect(await upgrade('https://app.test')).to.equal(401);
  });

  it('refuses them too with what a browser adds by itself, or what is no token here', async () => {
    const post = async ({ port }: TestGateway, authorization: string) =>
      (
        await request(port, [
          'POST /cart HTTP/1.1',
          ...own,
          'Origin: https://evil.test',
          `Authorization: ${authorization}`,
          'Content-Length: 0',
        ])
      ).status;
    for (const credential of ['Basic YWRhOng=', 'Negotiate YII=', 'Bearerish x', ''])
      expect(await post(either, credential), credential).to.equal(403);
    expect(await post(gateway, 'Bearer x')).to.equal(403);
    expect(await post(either, 'Bearer x')).to.equal(401);
    expect(await post(either, 'bearer x')).to.equal(401);
  });
});
