/** Tokens that nobody, somebody else, or the right key in the wrong way has signed. */
import crypto, { createHash, randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { JWTPayload } from 'jose';
import { craft, ecdsa, encode, goodClaims, hmac, honest, newKey, pss, rsa, unsigned } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectAccepted, expectRefused } from './support/refusal.ts';
import { type Rig, rig } from './support/rig.ts';

describe('access tokens: signatures', () => {
  const key = newKey('RS256', 'rsa');
  const curve = newKey('ES256', 'ec');
  let issuer: KeySetServer;
  let gateway: Rig;
  let claims: JWTPayload;

  before(async () => {
    issuer = await keySetServer(key, curve);
    gateway = await rig({ jwt: { jwks: issuer.url } });
    claims = goodClaims(gateway.clock.seconds());
  });
  after(() => Promise.all([gateway.close(), issuer.close()]));

  it('takes honest RS256 and ES256 tokens, on which the rows below are built', async () => {
    await expectAccepted(gateway, {
      RS256: await honest(key, claims),
      ES256: await honest(curve, claims),
      'crafted RS256': craft({ alg: 'RS256', kid: 'rsa' }, claims, rsa(key)),
      'crafted ES256': craft({ alg: 'ES256', kid: 'ec' }, claims, ecdsa(curve)),
    });
  });

  it('J01 refuses tokens without a signature, however they spell it', async () => {
    const signed = (alg: string) => craft({ alg, kid: 'rsa' }, claims, rsa(key));
    await expectRefused(gateway, {
      none: craft({ alg: 'none' }, claims, unsigned),
      None: craft({ alg: 'None' }, claims, unsigned),
      nOnE: craft({ alg: 'nOnE', kid: 'rsa' }, claims, unsigned),
      'none with a good signature': signed('none'),
      'NONE with a good signature': signed('NONE'),
      'lower-case rs256': signed('rs256'),
      'no alg': craft({ kid: 'rsa' }, claims, rsa(key)),
      'alg null': craft({ alg: null, kid: 'rsa' }, claims, rsa(key)),
      'alg an array': craft({ alg: ['RS256'], kid: 'rsa' }, claims, rsa(key)),
      'RS256 with an empty signature': craft({ alg: 'RS256', kid: 'rsa' }, claims, unsigned),
      'two parts': `${encode({ alg: 'RS256', kid: 'rsa' })}.${encode(claims)}`,
      'two parts, none': `${encode({ alg: 'none' })}.${encode(claims)}`,
    });
  });

  it('J02 never takes a public key for an HMAC secret, in whatever form', async () => {
    const forgeries: Record<string, string> = {};
    for (const { publicKey, pem, jwk, kid } of [key, curve]) {
      const pkcs1 = kid === 'rsa' ? publicKey.export({ type: 'pkcs1', format: 'pem' }).toString() : pem;
      const der = publicKey.export({ type: 'spki', format: 'der' });
      const secrets = {
        pem,
        'pem trimmed': pem.trimEnd(),
        'pem CRLF': pem.replaceAll('\n', '\r\n'),
        pkcs1,
        'pkcs1 trimmed': pkcs1.trimEnd(),
        der,
        'JWK text': JSON.stringify(jwk),
        nothing: '',
      };
      for (const bits of [256, 384, 512]) {
        for (const [form, secret] of Object.entries(secrets))
          forgeries[`${kid} HS${bits} ${form}`] = craft({ alg: `HS${bits}`, kid }, claims, hmac(secret, bits));
      }
    }
    await expectRefused(gateway, forgeries);
  });

  it('J02 does not start with HMAC algorithms beside public keys', async () => {
    for (const algorithm of ['HS256', 'HS384', 'HS512']) {
      const started = await rig({ jwt: { jwks: issuer.url, algorithms: ['RS256', algorithm] } }).catch((error: Error) => error);
      expect(started).to.be.instanceOf(Error);
    }
  });

  it('J03 holds a key to its own algorithms', async () => {
    const wide = await rig({ jwt: { jwks: issuer.url, algorithms: ['RS256', 'RS384', 'PS256', 'ES256', 'ES384'] } });
    await expectRefused(wide, {
      'PS256 by a key published for RS256': craft({ alg: 'PS256', kid: 'rsa' }, claims, pss(key)),
      'RS384 by a key published for RS256': craft({ alg: 'RS384', kid: 'rsa' }, claims, rsa(key, 384)),
      'PS256 that is signed as RS256': craft({ alg: 'PS256', kid: 'rsa' }, claims, rsa(key)),
      'RS256 that is signed as PS256': craft({ alg: 'RS256', kid: 'rsa' }, claims, pss(key)),
      'ES384 by a P-256 key': craft({ alg: 'ES384', kid: 'ec' }, claims, ecdsa(curve, 384)),
      'ES256 with the kid of the RSA key': craft({ alg: 'ES256', kid: 'rsa' }, claims, ecdsa(curve)),
    });
    await wide.close();
    await expectRefused(gateway, {
      'an algorithm that is not configured': craft({ alg: 'RS512', kid: 'rsa' }, claims, rsa(key, 512)),
      'PS256, not configured': craft({ alg: 'PS256', kid: 'rsa' }, claims, pss(key)),
    });
  });

  it('J03 takes no RSA key shorter than 2048 bits', async () => {
    const short = newKey('RS256', 'short', 1024);
    const weak = await keySetServer(short);
    const trusting = await rig({ jwt: { jwks: weak.url } });
    await expectRefused(trusting, { 'RSA of 1024 bits': craft({ alg: 'RS256', kid: 'short' }, claims, rsa(short)) });
    await Promise.all([trusting.close(), weak.close()]);
  });

  it('J14 refuses a token with any bit turned over', async () => {
    const forgeries: Record<string, string> = {};
    for (const token of [await honest(key, claims), await honest(curve, claims)]) {
      const parts = token.split('.').map((part) => Buffer.from(part, 'base64url'));
      for (const [index, part] of parts.entries()) {
        for (let sample = 0; sample < 24; sample++) {
          const bit = Math.floor((sample * part.length * 8) / 24);
          const turned = Buffer.from(part);
          turned.writeUInt8(turned.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
          forgeries[`part ${index}, bit ${bit}, ${token.length}`] = parts
            .map((old, at) => (at === index ? turned : old).toString('base64url'))
            .join('.');
        }
      }
    }
    await expectRefused(gateway, forgeries);
  });

  it('J14 refuses ECDSA signatures that are zero, out of range, of the wrong length or DER', async () => {
    const sized = (signature: Buffer) => craft({ alg: 'ES256', kid: 'ec' }, claims, () => signature);
    const one = Buffer.alloc(32, 0);
    one[31] = 1;
    const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
    await expectRefused(gateway, {
      'r = s = 0': sized(Buffer.alloc(64)),
      'r = 0, s = 1': sized(Buffer.concat([Buffer.alloc(32), one])),
      'r = s = n': sized(Buffer.concat([order, order])),
      'r = s = 2^256 - 1': sized(Buffer.alloc(64, 0xff)),
      '63 bytes': sized(randomBytes(63)),
      '65 bytes': sized(randomBytes(65)),
      '1 byte': sized(randomBytes(1)),
      '96 bytes': sized(randomBytes(96)),
      DER: craft({ alg: 'ES256', kid: 'ec' }, claims, (input) => crypto.sign('sha256', input, curve.privateKey)),
      'an RSA signature cut short': craft({ alg: 'RS256', kid: 'rsa' }, claims, (input) => rsa(key)(input).subarray(1)),
      'an RSA signature of zeros': craft({ alg: 'RS256', kid: 'rsa' }, claims, () => Buffer.alloc(256)),
    });
  });

  it('J25 compares HMAC signatures in constant time', async () => {
    const secret = createHash('sha256').update('a secret').digest('hex');
    const shared = await rig({ jwt: { secret, algorithms: ['HS256'] } });
    const compare = crypto.timingSafeEqual;
    const compared: number[] = [];
    crypto.timingSafeEqual = (a, b) => {
      compared.push(a.byteLength, b.byteLength);
      return compare(a, b);
    };
    try {
      await expectAccepted(shared, { good: craft({ alg: 'HS256' }, claims, hmac(secret)) });
      await expectRefused(shared, { wrong: craft({ alg: 'HS256' }, claims, hmac(`${secret}.`)) });
    } finally {
      crypto.timingSafeEqual = compare;
      await shared.close();
    }
    expect(compared).to.deep.equal([43, 43, 43, 43]);
  });
});
