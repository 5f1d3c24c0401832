/** Where in a request a token may stand, and what happens without one. */
import { expect } from 'chai';
import { Strategy as TypedStrategy } from 'passport-jwt';
import { goodClaims, honest, newKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectInvalidToken } from './support/refusal.ts';
import { type RequestHeaders, type Rig, received, rig } from './support/rig.ts';

/** passport-jwt's own seam for tests, which its types leave out. */
const Strategy = TypedStrategy as typeof TypedStrategy & { JwtVerifier: (...args: unknown[]) => unknown };

describe('access tokens: carriage', () => {
  const key = newKey('RS256', 'rsa');
  let issuer: KeySetServer;
  let gateway: Rig;
  let cookies: Rig;
  let token: string;
  let other: string;

  before(async () => {
    issuer = await keySetServer(key);
    gateway = await rig({ jwt: { jwks: issuer.url } });
    cookies = await rig({ jwt: { jwks: issuer.url, from: ['bearer', { cookie: 'session' }] } });
    token = await honest(key, goodClaims(gateway.clock.seconds()));
    other = await honest(key, { ...goodClaims(gateway.clock.seconds()), sub: 'user-2' });
  });
  after(() => Promise.all([gateway.close(), cookies.close(), issuer.close()]));

  async function refused(target: Rig, headers: RequestHeaders): Promise<void> {
    const before = target.forwarded;
    expectInvalidToken(await target.send({ headers }));
    expect(target.forwarded).to.equal(before);
  }

  async function accepted(target: Rig, headers: RequestHeaders, user: string | null = 'user-1'): Promise<void> {
    const answer = await target.send({ headers });
    expect(answer.status, `${JSON.stringify(headers)}: ${answer.body}`).to.equal(200);
    expect(received(answer).headers['x-user-id']).to.equal(user ?? undefined);
  }

  async function unauthenticated(target: Rig, options: Parameters<Rig['send']>[0]): Promise<void> {
    const before = target.forwarded;
    const { status, headers } = await target.send(options);
    expect(status).to.equal(401);
    expect(headers['www-authenticate']).to.match(/^Bearer realm="[^"]+"$/); // no error code: RFC 6750 section 3.1
    expect(target.forwarded).to.equal(before);
  }

  it('J17 refuses two Authorization fields, even equal ones', async () => {
    await refused(gateway, { authorization: [`Bearer ${token}`, `Bearer ${token}`] });
    await refused(gateway, { authorization: [`Bearer ${token}`, 'Basic dTpw'] });
    await refused(gateway, { authorization: ['Basic dTpw', `Bearer ${token}`] });
    await refused(cookies, { authorization: ['Basic dTpw', 'Basic dTpw'], cookie: `session=${token}` });
  });

  it('J17 takes the scheme in any case, and one space behind it', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR']) await accepted(gateway, { authorization: `${scheme} ${token}` });
    for (const value of [
      `Bearer  ${token}`,
      `Bearer\t${token}`,
      `Bearer \t${token}`,
      `Bearer,${token}`,
      `Bearer ${token} x`,
      `Bearer ${token},${token}`,
      'Bearer',
      `Bearer token="${token}"`,
    ]) {
      await refused(gateway, { authorization: value });
    }
  });

  it('J17 never reads a token in the query or the body', async () => {
    for (const name of ['access_token', 'token', 'jwt']) await unauthenticated(gateway, { path: `/orders?${name}=${token}` });
    await unauthenticated(gateway, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-access-token': token },
    });
  });

  it('J17 refuses different tokens in the header and the cookie', async () => {
    await accepted(cookies, { authorization: `Bearer ${token}`, cookie: `session=${token}` });
    await refused(cookies, { authorization: `Bearer ${token}`, cookie: `session=${other}` });
    await refused(cookies, { authorization: `Bearer ${other}`, cookie: `session=x` });
  });

  it('J17 refuses a cookie that is there twice with different values', async () => {
    await accepted(cookies, { cookie: `a=b; session=${token}; c=d` });
    await accepted(cookies, { cookie: `session=${token}; session=${token}` });
    await refused(cookies, { cookie: `session=${token}; session=${other}` });
    await refused(cookies, { cookie: [`session=${token}`, `session=${other}`] });
  });

  it('J17 reads a cookie only where the configuration says so, and only the one it names', async () => {
    await unauthenticated(gateway, { headers: { cookie: `session=${token}` } });
    for (const name of ['Session', 'xsession', 'session2', '__Host-session'])
      await unauthenticated(cookies, { headers: { cookie: `${name}=${token}` } });
    await unauthenticated(cookies, { headers: { cookie: 'session=' } });
  });

  it('asks for a token where there is none of ours', async () => {
    await unauthenticated(gateway, {});
    for (const authorization of ['', 'Basic dTpw', 'Bearerx y', `DPoP ${token}`, token])
      await unauthenticated(gateway, { headers: { authorization } });
  });

  it('does not look at a token on an anonymous route', async () => {
    const open = await rig({ jwt: { jwks: 'http://127.0.0.1:1/' }, exposure: { access: 'anonymous' } });
    const variants: RequestHeaders[] = [
      {},
      { authorization: 'Bearer x' },
      { authorization: ['Bearer x', 'Bearer y'] },
      { authorization: `Bearer ${token}` },
    ];
    for (const headers of variants) {
      await accepted(open, headers, null);
    }
    await open.close();
  });

  it('J22 protects every method', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'PURGE', 'REPORT']) {
      await unauthenticated(gateway, { method });
      await unauthenticated(gateway, { method, headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' } });
    }
    expect((await gateway.send({ method: 'TRACE' })).status).to.equal(501); // not served for anybody
  });

  it('J22 answers a preflight without a token only where CORS is declared', async () => {
    const preflight = { method: 'OPTIONS', headers: { origin: 'https://shop.example.com', 'access-control-request-method': 'GET' } };
    expect((await gateway.send(preflight)).status).to.equal(401);

    const declared = await rig({
      jwt: { jwks: issuer.url },
      settings: { cors: { origins: ['https://shop.example.com'], credentials: true } },
    });
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

  it('J24 lets nobody through when the check itself breaks', async () => {
    const verify = Strategy.JwtVerifier;
    const before = gateway.forwarded;
    Strategy.JwtVerifier = () => {
      throw new Error('broken inside');
    };
    try {
      const fresh = await honest(key, { ...goodClaims(gateway.clock.seconds()), jti: 'not remembered' });
      const { status, body } = await gateway.present(fresh);
      expect(status).to.equal(500);
      expect(body).to.not.contain('broken inside');
      expect(gateway.forwarded).to.equal(before);
    } finally {
      Strategy.JwtVerifier = verify;
    }
  });
});
