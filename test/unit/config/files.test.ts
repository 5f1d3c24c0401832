import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { files } from '../../../core/config/checks/files.ts';
import { parseConfig } from '../../../core/config/load.ts';

describe('the files of a configuration', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-files-'));
  after(() => rmSync(directory, { recursive: true }));

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
  writeFileSync(join(directory, 'short.pem'), short.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(directory, 'rsa.pem'), rsa.publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(join(directory, 'private.pem'), rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'p384.pem'), ec.publicKey.export({ type: 'spki', format: 'pem' }));

  function said(publicKey: string, algorithms: string): string[] {
    const text = `services: {}\nroutes: []\npublic: { jwt: { issuer: a, audience: b, jwks: https://id.example.com, algorithms: ${algorithms} } }`;
    const { config } = parseConfig(text, { file: 'postern.yaml', environment: {} });
    const jwt = { ...config.public.jwt, publicKey } as NonNullable<typeof config.public.jwt>;
    const context = { directory, isGiven: () => true, written: () => undefined };
    return files({ ...config, public: { ...config.public, jwt } }, context).map(({ message }) => message.replace(`${directory}/`, ''));
  }

  it('accepts a key that fits one of the algorithms', () => {
    expect(said('rsa.pem', '[RS256, ES256]')).to.deep.equal([]);
    expect(said('p384.pem', '[ES256, ES384]')).to.deep.equal([]);
  });

  it('refuses a key that fits none', () => {
    expect(said('p384.pem', '[ES256, RS256]')).to.deep.equal([
      'p384.pem holds a key of type ec (secp384r1), which fits none of ES256, RS256',
    ]);
    expect(said('rsa.pem', '[ES256]')).to.have.length(1);
  });

  it('refuses a key that verification would refuse as too short', () => {
    expect(said('short.pem', '[RS256]')).to.deep.equal(['short.pem holds a key of type rsa (1024 bits), which fits none of RS256']);
  });

  it('refuses a private key', () => {
    expect(said('private.pem', '[RS256]')).to.deep.equal(['private.pem holds a private key, which a gateway must not have']);
  });
});
