/** Tokens that are signed well and say the wrong thing. */
import { expect } from 'chai';
import type { JWTPayload } from 'jose';
import { request } from '../../support/client.ts';
import { startPrivate } from '../../support/gateways.ts';
import { startUpstream } from '../../support/upstream.ts';
import { AUDIENCE, craft, goodClaims, ISSUER, newKey, rsa } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectAccepted, expectRefused } from './support/refusal.ts';
import { type Rig, rig } from './support/rig.ts';

describe('access tokens: claims', () => {
  const key = newKey('RS256', 'rsa');
  const skew = 5;
  let issuer: KeySetServer;
  let gateway: Rig;
  let now: number;

  before(async () => {
    issuer = await keySetServer(key);
    gateway = await rig({ jwt: { jwks: issuer.url, clockTolerance: `${skew}s` } });
    now = gateway.clock.seconds();
  });
  after(() => Promise.all([gateway.close(), issuer.close()]));

  const changed = (changes: object, header: object = {}): string =>
    craft({ alg: 'RS256', kid: 'rsa', ...header }, { ...goodClaims(now), ...changes }, rsa(key));
  const tokens = (variants: Readonly<Record<string, object>>): Record<string, string> =>
    Object.fromEntries(Object.entries(variants).map(([name, changes]) => [name, changed(changes)]));
  const without = (name: string): string => {
    const claims: JWTPayload = goodClaims(now);
    delete claims[name];
    return craft({ alg: 'RS256', kid: 'rsa' }, claims, rsa(key));
  };

  it('J08 allows the tolerance and no second more', async () => {
    await expectAccepted(
      gateway,
      tokens({
        'exp a second inside': { exp: now - skew + 1 },
        'nbf a second inside': { nbf: now + skew - 1 },
        'iat a second inside': { iat: now + skew - 1 },
      }),
    );
    await expectRefused(
      gateway,
      tokens({
        'exp at the tolerance': { exp: now - skew },
        'exp a second outside': { exp: now - skew - 1 },
        'nbf a second outside': { nbf: now + skew + 1 },
        'iat a second outside': { iat: now + skew + 1 },
      }),
    );
  });

  it('J08 refuses a remembered token once it has ended', async () => {
    const moving = await rig({ jwt: { jwks: issuer.url, clockTolerance: `${skew}s` } });
    const token = changed({ exp: now + 60 });
    await expectAccepted(moving, { first: token, remembered: token });
    moving.clock.advance((60 + skew) * 1000 - 1);
    await expectAccepted(moving, { 'the last millisecond': token });
    moving.clock.advance(1);
    await expectRefused(moving, { ended: token, 'ended, again': token });
    await moving.close();
  });

  it('J08 refuses times that are none', async () => {
    const odd = {
      zero: 0,
      negative: -1,
      text: '1e3',
      'a text that is a number': String(now + 60),
      float: now + 60.5,
      '2^53': 2 ** 53,
      milliseconds: (now + 60) * 1000,
      null: null,
      array: [now + 60],
      object: {},
      true: true,
    };
    await expectRefused(gateway, {
      'exp absent': without('exp'),
      ...tokens(Object.fromEntries(Object.entries(odd).map(([name, exp]) => [`exp ${name}`, { exp }]))),
    });
    await expectRefused(
      gateway,
      tokens({
        'nbf text': { nbf: '0' },
        'nbf null': { nbf: null },
        'nbf negative': { nbf: -1 },
        'nbf array': { nbf: [0] },
        'iat text': { iat: 'now' },
        'iat null': { iat: null },
        'iat far': { iat: 1e300 },
      }),
    );
    const infinite = JSON.stringify(goodClaims(now)).replace(/"exp":\d+/, '"exp":1e999');
    await expectRefused(gateway, { 'exp infinite': craft({ alg: 'RS256', kid: 'rsa' }, infinite, rsa(key)) });
    await expectAccepted(gateway, {
      'no iat, no nbf': without('iat'),
      ...tokens({ 'nbf and iat with fractions': { nbf: now - 0.5, iat: now - 0.5 } }),
    });
  });

  it('J09 compares the issuer to the letter', async () => {
    await expectRefused(gateway, {
      absent: without('iss'),
      ...tokens({
        wrong: { iss: 'https://evil.example.com/' },
        prefix: { iss: `${ISSUER}x` },
        shorter: { iss: ISSUER.slice(0, -1) },
        'slash twice': { iss: `${ISSUER}/` },
        case: { iss: ISSUER.toUpperCase() },
        space: { iss: ` ${ISSUER}` },
        array: { iss: [ISSUER] },
        null: { iss: null },
        empty: { iss: '' },
      }),
    });
  });

  it('J09 wants its own audience, to the letter', async () => {
    await expectRefused(gateway, {
      absent: without('aud'),
      ...tokens({
        wrong: { aud: 'another' },
        'of the private gateway': { aud: 'internal' },
        prefix: { aud: `${AUDIENCE}s` },
        shorter: { aud: AUDIENCE.slice(0, -1) },
        slash: { aud: `${AUDIENCE}/` },
        case: { aud: AUDIENCE.toUpperCase() },
        'a list in a text': { aud: `other ${AUDIENCE}` },
        'array without it': { aud: ['other', 'another'] },
        'array, empty': { aud: [] },
        'array in an array': { aud: [[AUDIENCE]] },
        'array with more than texts': { aud: [AUDIENCE, { toString: AUDIENCE }] },
        object: { aud: { [AUDIENCE]: true } },
        null: { aud: null },
        number: { aud: 0 },
      }),
    });
    await expectAccepted(
      gateway,
      tokens({ text: { aud: AUDIENCE }, array: { aud: [AUDIENCE] }, 'array of several': { aud: ['other', AUDIENCE] } }),
    );
  });

  it('J09 a token of the public gateway opens nothing on the private one', async () => {
    const origin = await startUpstream();
    const inside = await startPrivate({
      services: { upstream: { endpoints: [origin.url] } },
      routes: [
        {
          name: 'orders',
          match: { pathPrefix: '/orders' },
          service: 'upstream',
          expose: { public: {}, private: { callers: ['checkout'] } },
        },
      ],
      public: { jwt: { issuer: ISSUER, audience: AUDIENCE, jwks: issuer.url } },
      private: { callers: { checkout: { from: ['10.1.0.0/24'] } } },
    });
    const { status } = await request(inside.port, ['GET /orders HTTP/1.1', 'Host: orders', `Authorization: Bearer ${changed({})}`]);
    expect(status).to.equal(403);
    expect(origin.connections).to.have.length(0);
    await inside.stop();
    await origin.close();
  });

  it('J10 refuses tokens that are for something else', async () => {
    await expectRefused(gateway, {
      ...tokens({
        'ID token, by nonce': { nonce: 'n' },
        'ID token, by at_hash': { at_hash: 'h' },
        'ID token, by c_hash': { c_hash: 'h' },
        'ID token of Keycloak': { typ: 'ID', azp: 'shop' },
        'refresh token of Keycloak': { typ: 'Refresh' },
        'offline token of Keycloak': { typ: 'Offline' },
        'ID token of Cognito': { token_use: 'id' },
        'logout token': { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
      }),
      'dpop+jwt': changed({}, { typ: 'dpop+jwt' }),
      'logout+jwt': changed({}, { typ: 'logout+jwt' }),
      'secevent+jwt': changed({}, { typ: 'application/secevent+jwt' }),
      'JWT+x': changed({}, { typ: 'JWTx' }),
      'typ empty': changed({}, { typ: '' }),
      'typ null': changed({}, { typ: null }),
      'typ an array': changed({}, { typ: ['at+jwt'] }),
    });
  });

  it('J10 takes access tokens as issuers write them', async () => {
    await expectAccepted(gateway, {
      'RFC 9068': changed({ client_id: 'app', jti: '1' }, { typ: 'at+jwt' }),
      'with application/': changed({}, { typ: 'application/at+jwt' }),
      'upper case': changed({}, { typ: 'AT+JWT' }),
      JWT: changed({}, { typ: 'JWT' }),
      jwt: changed({}, { typ: 'jwt' }),
      'no typ': changed({}),
      'of Keycloak, with a nonce': changed({ typ: 'Bearer', nonce: 'n' }, { typ: 'JWT' }),
      'of Cognito': changed({ token_use: 'access' }),
    });
  });

  it('refuses a token without a subject', async () => {
    await expectRefused(gateway, {
      absent: without('sub'),
      ...tokens({
        empty: { sub: '' },
        blank: { sub: '  ' },
        number: { sub: 1 },
        null: { sub: null },
        array: { sub: ['user-1'] },
        'a new line': { sub: 'a\r\nx-role: admin' },
      }),
    });
  });
});
