import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { generateKeyPairSync, KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509CertificateGenerator } from '@peculiar/x509';
import { expect } from 'chai';
import { files } from '../../../core/config/checks/files.ts';
import { ConfigError, parseConfig } from '../../../core/config/load.ts';
import { certificateFolder } from '../../support/certificates.ts';

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

  describe('of a listener', () => {
    const folder = certificateFolder();
    after(() => folder.remove());

    function saidOf(cert: string, key: string): string[] {
      const text = `services: {}\nroutes: []\npublic:\n  listen: { tls: { cert: ${cert}, key: ${key} } }`;
      try {
        parseConfig(text, { file: join(folder.path, 'postern.yaml'), environment: {} });
        return [];
      } catch (problem) {
        if (!(problem instanceof ConfigError)) throw problem;
        return problem.findings.map(({ line, column, message }) => `${line}:${column} ${message.replaceAll(`${folder.path}/`, '')}`);
      }
    }

    it('accepts a certificate with its key', async () => {
      const { certFile, keyFile } = await folder.localhost();
      expect(saidOf(certFile, keyFile)).to.deep.equal([]);
    });

    it('refuses the key of another certificate, where the key is named', async () => {
      const [one, other] = [await folder.localhost(), await folder.localhost()];
      expect(saidOf(one.certFile, other.keyFile)).to.deep.equal([
        `4:38 ${other.keyFile} holds another key than that of the certificate ${one.certFile}`,
      ]);
    });

    it('refuses a pair that no listener would take', async () => {
      const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 1024 };
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.createSelfSigned({ name: 'CN=localhost', keys });
      const [certFile, keyFile] = ['short.pem', 'short.key'];
      writeFileSync(join(folder.path, certFile), certificate.toString('pem'));
      writeFileSync(join(folder.path, keyFile), KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }));
      expect(saidOf(certFile, keyFile)[0]).to.match(/^4:42 \S+ cannot be used with the certificate \S+: .*key too small/);
    });

    it('says once that a certificate is none', async () => {
      const { keyFile } = await folder.localhost();
      expect(saidOf(keyFile, keyFile)).to.deep.equal([`4:26 ${keyFile} holds no PEM certificate`]);
    });
  });
});
