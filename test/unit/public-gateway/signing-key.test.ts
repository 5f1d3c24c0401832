import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { JwtConfig } from '../../../core/config/schema/index.ts';
import { configuredKey, keyFromJwk } from '../../../public-gateway/signing-key.ts';
import { newKey } from '../../conformance/access-tokens/support/issuer.ts';

const rsa = newKey();

describe('keyFromJwk', () => {
  it('keeps the kid and the algorithm', () => {
    expect(keyFromJwk(rsa.jwk)).to.include({ kid: rsa.kid, algorithm: 'RS256', live: true });
  });

  it('passes over what does not verify signatures', () => {
    const { jwk } = rsa;
    const others = [
      null,
      1,
      'key',
      [],
      {},
      { ...jwk, use: 'enc' },
      { ...jwk, key_ops: ['sign'] },
      { ...jwk, key_ops: 'verify' },
      { ...jwk, kty: 'oct', k: 'AAAA' },
      { ...jwk, d: 'AAAA' },
      { ...jwk, kid: 1 },
      { ...jwk, alg: ['RS256'] },
      { ...jwk, n: 5 },
    ];
    for (const other of others) expect(keyFromJwk(other), JSON.stringify(other)).to.equal(undefined);
  });
});

describe('configuredKey', () => {
  const base = { issuer: 'i', audience: 'a', algorithms: ['RS256', 'ES256'], from: ['bearer'], clockTolerance: 0 } satisfies JwtConfig;
  const header = { alg: 'RS256', kid: 'anything', typ: undefined };
  let directory: string;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'postern-keys-'));
    writeFileSync(join(directory, 'public.pem'), rsa.pem);
    writeFileSync(join(directory, 'private.pem'), rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('reads a public key beside the configuration, and trusts it always', async () => {
    const keys = configuredKey({ ...base, publicKey: 'public.pem' }, directory);
    const found = await keys.find(header);
    expect(found.key.equals(rsa.publicKey)).to.equal(true);
    expect(keys.trusts(found)).to.equal(true);
  });

  it('refuses a private key, a missing file, and a key that fits no algorithm', () => {
    expect(() => configuredKey({ ...base, publicKey: 'private.pem' }, directory)).to.throw('private key');
    expect(() => configuredKey({ ...base, publicKey: 'missing.pem' }, directory)).to.throw('ENOENT');
    expect(() => configuredKey({ ...base, publicKey: 'public.pem', algorithms: ['ES256'] }, directory)).to.throw('does not fit ES256');
    expect(() => configuredKey({ ...base, secret: 'x'.repeat(32) }, directory)).to.throw('does not fit');
  });
});
