/** What the gateway says of a user to a service, no client can say. */
import { expect } from 'chai';
import { request } from '../../support/client.ts';
import { startPublic } from '../../support/gateways.ts';
import { startUpstream } from '../../support/upstream.ts';
import { forged, isForged } from './support/forged-fields.ts';
import { goodClaims, honest, newKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { type Rig, received, rig } from './support/rig.ts';

describe('access tokens: identity fields', () => {
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
      for (const fields of [
        ...forged.map((field) => [field]),
        forged,
        ['X-User-Id: admin', 'Connection: x-user-id'],
        ['X-Gateway-Caller: admin', 'Connection: close, X-Gateway-Caller, X-User-Id'],
      ]) {
        const answer = await request(gateway.port, [...lines, ...fields]);
        expect(answer.status, fields.join()).to.equal(200);
        const { rawHeaders, headers } = received({ ...answer, headers: {} });
        expect(isForged(rawHeaders), rawHeaders.join()).to.equal(false);
        expect(headers['x-user-id']).to.equal(path === '/orders' ? 'user-1' : undefined);
      }
    });
  }

  it('J18 lets no Connection list take away what the gateway says of the user', async () => {
    const answer = await request(gateway.port, [
      'GET /orders HTTP/1.1',
      'Host: shop',
      `Authorization: Bearer ${token}`,
      'Connection: X-User-Id, X-Forwarded-For, X-Request-Id',
    ]);
    expect(received({ ...answer, headers: {} }).headers).to.include.all.keys('x-user-id', 'x-forwarded-for', 'x-request-id');
  });

  it('J18 keeps them from the origin when that answers 304', async () => {
    const origin = await startUpstream((_request, response) => response.writeHead(304, { etag: '"1"' }).end());
    const caching = await startPublic({
      services: { upstream: { endpoints: [origin.url] } },
      routes: [{ ...open, match: { pathPrefix: '/' } }],
    });
    const answer = await request(caching.port, ['GET /open HTTP/1.1', 'Host: shop', 'If-None-Match: "1"', ...forged]);
    expect(answer.status).to.equal(304);
    expect(origin.requests).to.have.length(1);
    expect(isForged(origin.requests[0]?.rawHeaders ?? [])).to.equal(false);
    await caching.stop();
    await origin.close();
  });
});
