/** Certificates in a folder of their own, made anew for the tests that need them. */
import 'reflect-metadata'; // @peculiar/x509 does not load without it.
import { createPrivateKey, KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  type GeneralNameType,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export interface Certificate {
  /** File names inside the folder. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFolder {
  readonly path: string;
  authority(name: string): Promise<Certificate>;
  /** @param names subject alternative names, each with its kind: `DNS:a.example`. Whatever follows the kind is one name. */
  issue(by: Certificate, commonName: string, names?: readonly string[]): Promise<Certificate>;
  /** Of this machine, which nobody else signed. */
  localhost(): Promise<Certificate>;
  remove(): void;
}

interface Contents {
  readonly commonName: string;
  readonly names?: readonly string[];
  readonly authority?: boolean;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
const kinds: Record<string, GeneralNameType> = { DNS: 'dns', IP: 'ip', URI: 'url' };

export function certificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), 'postern-certificates-'));
  let count = 0;
  const make = async ({ commonName, names = [], authority = false }: Contents, by?: Certificate): Promise<Certificate> => {
    count += 1;
    const [certFile, keyFile] = [`${count}.pem`, `${count}.key`];
    const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const subject = [{ CN: [commonName] }];
    const issuer = by && new X509Certificate(by.cert);
    const certificate = await X509CertificateGenerator.create({
      subject,
      issuer: issuer?.subjectName ?? subject,
      publicKey,
      signingKey: by ? createPrivateKey(by.key).toCryptoKey(algorithm, false, ['sign']) : privateKey,
      extensions: [
        new BasicConstraintsExtension(authority, undefined, authority),
        await SubjectKeyIdentifierExtension.create(publicKey),
        ...(issuer ? [await AuthorityKeyIdentifierExtension.create(issuer.publicKey)] : []),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(alternative))] : []),
      ],
    });
    const cert = `${certificate.toString('pem')}\n`;
    const key = KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' }).toString();
    writeFileSync(join(path, certFile), cert);
    writeFileSync(join(path, keyFile), key);
    return { certFile, keyFile, cert, key };
  };
  return {
    path,
    authority: (name) => make({ commonName: name, authority: true }),
    issue: (by, commonName, names = []) => make({ commonName, names }, by),
    localhost: () => make({ commonName: 'localhost', names: ['DNS:localhost', 'IP:127.0.0.1'] }),
    remove: () => rmSync(path, { recursive: true }),
  };
}

function alternative(name: string): { type: GeneralNameType; value: string } {
  const [, kind = '', value = ''] = /^(\w+):(.*)$/s.exec(name) ?? [];
  const type = kinds[kind];
  if (!type) throw new Error(`a subject alternative name of no kind that is known: ${name}`);
  return { type, value };
}
