/** Which key of the set a token means, and how often the issuer is asked for one that it does not have. */
import { expect } from 'chai';
import { craft, ecdsa, goodClaims, honest, newKey, rsa, type TestKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectAccepted, expectInvalidToken, expectRefused } from './support/refusal.ts';
import { type Rig, rig } from './support/rig.ts';

const COOL_DOWN = 30_000;
const MAX_AGE = 600_000;

describe('access tokens: the key a token means', () => {
  const first = newKey('RS256', 'first');
  const second = newKey('RS256', 'second');
  const curve = newKey('ES256', 'curve');
  let issuer: KeySetServer;
  let gateway: Rig;

  beforeEach(async () => {
    issuer = await keySetServer(first);
    gateway = await rig({ jwt: { jwks: issuer.url } });
  });
  afterEach(() => Promise.all([gateway.close(), issuer.close()]));

  const claims = () => goodClaims(gateway.clock.seconds());
  const by = (key: TestKey) => honest(key, claims());
  const withoutKid = (key: TestKey) => craft({ alg: key.alg }, claims(), (key.alg === 'ES256' ? ecdsa : rsa)(key));
  it('J06 takes a token without kid when exactly one key fits it', async () => {
    await expectAccepted(gateway, { 'one key': withoutKid(first) });
    issuer.publish(first, curve, { ...second.jwk, use: 'enc' });
    gateway.clock.advance(MAX_AGE);
    await expectAccepted(gateway, { 'the only RSA key': withoutKid(first), 'the only P-256 key': withoutKid(curve) });
  });

  it('J06 refuses a token without kid when two keys fit it', async () => {
    issuer.publish(first, second);
    await expectRefused(gateway, { 'by the first': withoutKid(first), 'by the second': withoutKid(second) });
    await expectAccepted(gateway, { 'with kid': await by(second) });
  });

  it('J06 believes neither of two keys with one kid, unless their kinds tell them apart', async () => {
    const twin = newKey('RS256', 'first');
    const sibling = newKey('ES256', 'first');
    issuer.publish(first, twin, sibling);
    await expectRefused(gateway, { one: await by(first), other: await by(twin) });
    await expectAccepted(gateway, { 'the only one on a curve': await by(sibling) });
  });

  it('J06 passes over keys for other uses', async () => {
    const foreign = [
      { ...second.jwk, kid: 'enc', use: 'enc' },
      { ...second.jwk, kid: 'ops', use: undefined, key_ops: ['encrypt'] },
      { ...second.privateKey.export({ format: 'jwk' }), kid: 'private' },
      { kty: 'oct', kid: 'oct', k: Buffer.from('a secret of more than thirty-two bytes').toString('base64url') },
      { kty: 'RSA', kid: 'broken', n: '!!', e: 'AQAB' },
      { kty: 'OKP', kid: 'okp', crv: 'Ed25519', x: 'AAAA' },
      { kty: 'EC', kid: 'off the curve', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
      { ...second.jwk, kid: 7 },
      null,
      'text',
    ];
    issuer.publish(
      first,
      { ...second.jwk, kid: 'verify', use: undefined, key_ops: ['verify'] },
      ...(foreign as object[] as Record<string, unknown>[]).map((key) => ({ jwk: key })),
    );
    const named = (kid: string) => craft({ alg: 'RS256', kid }, claims(), rsa(second));
    await expectRefused(gateway, {
      enc: named('enc'),
      'key_ops encrypt': named('ops'),
      private: named('private'),
      oct: named('oct'),
      broken: named('broken'),
    });
    await expectAccepted(gateway, { 'key_ops verify': named('verify'), plain: await by(first) });
  });

  it('J07 asks the issuer once a cool-down, however many unknown kids come', async () => {
    await expectAccepted(gateway, { known: await by(first) });
    expect(issuer.asked).to.equal(1);
    const flood = async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, at) => gateway.present(craft({ alg: 'RS256', kid: `unknown-${at}` }, claims(), rsa(second)))),
      );
      answers.forEach(expectInvalidToken);
    };
    await flood();
    expect(issuer.asked, 'inside the cool-down of the first fetch').to.equal(1);
    gateway.clock.advance(COOL_DOWN);
    await flood();
    await flood();
    expect(issuer.asked, 'one cool-down later').to.equal(2);
    gateway.clock.advance(COOL_DOWN - 1);
    await flood();
    expect(issuer.asked).to.equal(2);
    await expectAccepted(gateway, { 'known, meanwhile': await by(first) });
  });

  it('J07 asks once for a crowd that comes before there are keys', async () => {
    const token = await by(first);
    const answers = await Promise.all(Array.from({ length: 50 }, () => gateway.present(token)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array.from({ length: 50 }, () => 200));
    expect(issuer.asked).to.equal(1);
  });
});
