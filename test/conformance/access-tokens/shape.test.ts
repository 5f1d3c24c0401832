/** Tokens whose form is not that of a plain, small, canonical compact JWS. */
import { deflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import { CompactEncrypt, FlattenedSign, importJWK, type JWTPayload } from 'jose';
import { craft, ecdsa, encode, goodClaims, honest, newKey, rsa } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectAccepted, expectInvalidToken, expectRefused } from './support/refusal.ts';
import { type Rig, rig } from './support/rig.ts';

describe('access tokens: shape', () => {
  const key = newKey('RS256', 'rsa');
  const curve = newKey('ES256', 'ec');
  const stranger = newKey('RS256', 'stranger');
  let issuer: KeySetServer;
  let gateway: Rig;
  let claims: JWTPayload;

  before(async () => {
    issuer = await keySetServer(key, curve);
    gateway = await rig({ jwt: { jwks: issuer.url } });
    claims = goodClaims(gateway.clock.seconds());
  });
  after(() => Promise.all([gateway.close(), issuer.close()]));

  it('J04 never verifies with a key that the token brings along', async () => {
    const certificate = stranger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await expectRefused(gateway, {
      jwk: craft({ alg: 'RS256', jwk: stranger.jwk }, claims, rsa(stranger)),
      'jwk with a kid that is known': craft({ alg: 'RS256', kid: 'rsa', jwk: { ...stranger.jwk, kid: 'rsa' } }, claims, rsa(stranger)),
      x5c: craft({ alg: 'RS256', kid: 'rsa', x5c: [certificate] }, claims, rsa(stranger)),
      'x5c, no kid': craft({ alg: 'RS256', x5c: [certificate], x5t: 'AAAA' }, claims, rsa(stranger)),
    });
    await expectAccepted(gateway, { 'jwk that is ignored': craft({ alg: 'RS256', kid: 'rsa', jwk: stranger.jwk }, claims, rsa(key)) });
  });

  it('J05 fetches nothing that a token points to', async () => {
    const attacker = await keySetServer(stranger);
    const asked = issuer.asked;
    for (const name of ['jku', 'x5u', 'iss', 'url']) {
      await expectRefused(gateway, {
        [name]: craft({ alg: 'RS256', kid: 'rsa', [name]: attacker.url }, claims, rsa(stranger)),
        [`${name}, own kid`]: craft({ alg: 'RS256', kid: attacker.url, [name]: attacker.url }, claims, rsa(stranger)),
      });
    }
    expect(attacker.asked).to.equal(0);
    expect(issuer.asked - asked).to.be.at.most(1);
    await attacker.close();
  });

  it('J06 takes a kid for nothing but a name in the set', async () => {
    const kids = [
      '../../dev/null',
      '/dev/null',
      "' OR '1'='1",
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'toString',
      '0',
      '',
      ' rsa',
      'rsa ',
      'RSA',
      'rsa\u0000',
      'k'.repeat(10 * 1024),
    ];
    const tokens = kids.flatMap((kid) => [
      [`stranger ${kid.slice(0, 20)}`, craft({ alg: 'RS256', kid }, claims, rsa(stranger))],
      [`right key ${kid.slice(0, 20)}`, craft({ alg: 'RS256', kid }, claims, rsa(key))],
    ]);
    await expectRefused(gateway, Object.fromEntries(tokens));
    const odd = [1, null, true, ['rsa'], { rsa: 'rsa' }].map((kid) => [
      `kid ${JSON.stringify(kid)}`,
      craft({ alg: 'RS256', kid }, claims, rsa(key)),
    ]);
    await expectRefused(gateway, Object.fromEntries(odd));
  });

  it('J11 refuses JSON members that are there twice', async () => {
    const payload = JSON.stringify(claims).slice(0, -1);
    const signed = (header: string, text: string) => craft(header, text, rsa(key));
    const header = '{"alg":"RS256","kid":"rsa"}';
    await expectAccepted(gateway, { 'no duplicates': signed(header, `${payload}}`) });
    await expectRefused(gateway, {
      'sub twice': signed(header, `${payload},"sub":"admin"}`),
      'sub twice, the same': signed(header, `${payload},"sub":"user-1"}`),
      'sub twice, one escaped': signed(header, `${payload},"s\\u0075b":"admin"}`),
      'exp twice': signed(header, `${payload},"exp":9999999999}`),
      'twice further down': signed(header, `${payload},"a":{"b":[{"c":1,"c":2}]}}`),
      'twice, with space before the colon': signed(header, `${payload},"sub" \n:"admin"}`),
      'alg twice': signed('{"alg":"none","alg":"RS256","kid":"rsa"}', `${payload}}`),
      'kid twice': signed('{"alg":"RS256","kid":"x","kid":"rsa"}', `${payload}}`),
    });
    await expectAccepted(gateway, { 'one name in two objects': signed(header, `${payload},"a":{"sub":"x"},"b":[{"sub":"\\"sub\\":"}]}`) });
  });

  it('J11 refuses JSON that is nested deep, and lives', async () => {
    const deep = (levels: number) =>
      craft(
        { alg: 'RS256', kid: 'rsa' },
        `${JSON.stringify(claims).slice(0, -1)},"a":${'['.repeat(levels)}${']'.repeat(levels)}}`,
        rsa(key),
      );
    await expectAccepted(gateway, { '8 levels': deep(8) });
    await expectRefused(gateway, {
      '17 levels': deep(17),
      '2000 levels': deep(2000),
      '2000 levels of objects': craft({ alg: 'RS256', kid: 'rsa' }, `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`, rsa(key)),
      'a deep header': craft(`{"alg":"RS256","kid":"rsa","a":${'['.repeat(1500)}${']'.repeat(1500)}}`, claims, rsa(key)),
    });
    const { status } = await gateway.present(deep(10_000));
    expect(status).to.be.oneOf([401, 431]);
  });

  it('J11 refuses what is not a JSON object in UTF-8', async () => {
    const signed = (header: string | Buffer, payload: string | Buffer) => craft(header, payload, rsa(key));
    const header = '{"alg":"RS256","kid":"rsa"}';
    const payload = JSON.stringify(claims);
    await expectRefused(gateway, {
      'a header that is an array': signed('["RS256"]', payload),
      'a header that is null': signed('null', payload),
      'a payload that is text': signed(header, '"user-1"'),
      'a payload that is an array': signed(header, `[${payload}]`),
      'a payload that is no JSON': signed(header, 'user-1'),
      'an empty payload': signed(header, ''),
      'two documents': signed(header, `${payload}{}`),
      'a byte order mark': signed(header, `\ufeff${payload}`),
      'broken UTF-8': signed(header, Buffer.concat([Buffer.from(payload.slice(0, -1)), Buffer.from(',"a":"\xff"}', 'latin1')])),
      'a comma too many': signed(header, `${payload.slice(0, -1)},}`),
    });
  });

  it('J12 refuses huge tokens without work', async () => {
    const padded = (length: number) => honest(key, { ...claims, padding: 'x'.repeat(length) });
    await expectAccepted(gateway, { '6 KiB': await padded(4_000) });
    await expectRefused(gateway, { 'over 8 KiB': await padded(6_500) });
    for (const token of [
      await padded(1024 * 1024),
      craft({ alg: 'ES256', kid: 'ec' }, claims, () => Buffer.alloc((21_830 * 3) / 4, 0x41)),
      `${encode({ alg: 'ES256', kid: 'ec' })}.${encode(claims)}.${'A'.repeat(21_830)}`,
    ]) {
      const before = gateway.forwarded;
      const { status } = await gateway.present(token).catch((error: NodeJS.ErrnoException) => {
        expect(error.code).to.be.oneOf(['ECONNRESET', 'EPIPE']); // the server need not read all of it
        return { status: 431 };
      });
      expect(status).to.be.oneOf([401, 431]);
      expect(gateway.forwarded).to.equal(before);
    }
  });

  it('J13 refuses every spelling but the canonical one', async () => {
    const token = await honest(key, claims);
    const [header = '', payload = '', signature = ''] = token.split('.');
    // 256 bytes of signature leave four unused bits in the last character: another one stands for the same bytes.
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const twin = alphabet[(alphabet.indexOf(signature.slice(-1)) & ~15) + ((alphabet.indexOf(signature.slice(-1)) + 1) & 15)];
    const malleable = signature.slice(0, -1) + twin;
    expect(Buffer.from(malleable, 'base64url')).to.deep.equal(Buffer.from(signature, 'base64url'));
    const standard = Buffer.from(signature, 'base64url').toString('base64');
    await expectRefused(gateway, {
      'unused bits set': `${header}.${payload}.${malleable}`,
      padding: `${header}.${payload}.${signature}==`,
      'standard alphabet': `${header}.${payload}.${standard}`,
      'standard alphabet without padding': `${header}.${payload}.${standard.replaceAll('=', '')}+/`,
      'a space inside': `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`,
      'a quote around': `"${token}"`,
      'a comma behind': `${token},`,
      'a character that decoders pass over': `${header}.${payload}!.${signature}`,
      'four dots': `${token}.${signature}.`,
      'three dots': `${token}.`,
      'a dot in front': `.${token}`,
      'no header': `.${payload}.${signature}`,
      'no payload': `${header}..${signature}`,
      'dots only': '..',
      nothing: '',
      'one word': 'token',
    });
    const json = await new FlattenedSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa' })
      .sign(key.privateKey);
    await expectRefused(gateway, {
      'JSON serialisation, flattened': JSON.stringify(json),
      'JSON serialisation, general': JSON.stringify({ payload: json.payload, signatures: [json] }),
    });
  });

  it('J15 refuses critical extensions and unencoded payloads', async () => {
    const extended = (extension: object) => craft({ alg: 'RS256', kid: 'rsa', ...extension }, claims, rsa(key));
    const unencoded = await new FlattenedSign(Buffer.from('x'))
      .setProtectedHeader({ alg: 'RS256', kid: 'rsa', b64: false, crit: ['b64'] })
      .sign(key.privateKey);
    await expectRefused(gateway, {
      'crit, unknown': extended({ crit: ['exp'], exp: 1 }),
      'crit, empty': extended({ crit: [] }),
      'crit, not a list': extended({ crit: 'b64' }),
      'crit, null': extended({ crit: null }),
      'b64 false': extended({ b64: false, crit: ['b64'] }),
      'b64 false, not critical': extended({ b64: false }),
      'b64 true': extended({ b64: true }),
      'an unencoded payload': `${unencoded.protected}.${encode(claims)}.${unencoded.signature}`,
    });
  });

  it('J16 refuses encrypted tokens, and unpacks nothing', async () => {
    const encryptionKey = await importJWK({ ...key.jwk, alg: 'RSA-OAEP-256', use: 'enc' }, 'RSA-OAEP-256');
    const jwe = await new CompactEncrypt(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(encryptionKey);
    const [, encryptedKey, iv, , tag] = jwe.split('.');
    const bomb = deflateRawSync(Buffer.alloc(4 * 1024 * 1024)).subarray(0, 4000);
    const zipped = [encode({ alg: 'RSA-OAEP-256', enc: 'A256GCM', zip: 'DEF' }), encryptedKey, iv, encode(bomb), tag].join('.');
    await expectRefused(gateway, {
      JWE: jwe,
      'JWE with zip': zipped,
      'JWE, direct, with zip': [encode({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }), '', iv, encode(bomb), tag].join('.'),
      'JWS that says zip': craft({ alg: 'RS256', kid: 'rsa', zip: 'DEF' }, deflateRawSync(JSON.stringify(claims)), rsa(key)),
      'JWS that says enc': craft({ alg: 'RS256', kid: 'rsa', enc: 'A256GCM' }, claims, rsa(key)),
    });
  });

  it('answers a broken token as it answers a wrong one', async () => {
    const bodies = await Promise.all(
      ['x', await honest(stranger, claims), craft({ alg: 'ES256', kid: 'ec' }, { ...claims, exp: 1 }, ecdsa(curve))].map(async (token) => {
        const answer = await gateway.present(token);
        expectInvalidToken(answer);
        return Object.keys(JSON.parse(answer.body) as object).join();
      }),
    );
    expect(new Set(bodies).size).to.equal(1);
  });
});
