/** The files a configuration names are there and hold what they should. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { error, type Path, type Remark } from '../finding.ts';
import { describeKey, fits } from '../key-fit.ts';
import { readingProblem } from '../reading-problem.ts';
import type { JwtConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

interface NamedFile {
  readonly path: Path;
  readonly file: string;
  /** What is wrong with what it holds, or null. */
  wrong(pem: string): string | null;
}

export const files: Check = (config, { directory }) => {
  const named: NamedFile[] = [];
  for (const section of ['public', 'private'] as const) {
    const tls = config[section].listen.tls;
    if (tls === undefined) continue;
    const place = [section, 'listen', 'tls'];
    named.push(
      { path: [...place, 'cert'], file: tls.cert, wrong: certificateReason },
      { path: [...place, 'key'], file: tls.key, wrong: (pem) => keyReason(pem) ?? pairReason(resolve(directory, tls.cert), pem) },
    );
    if ('clientCa' in tls && tls.clientCa !== undefined)
      named.push({ path: [...place, 'clientCa'], file: tls.clientCa, wrong: certificateReason });
  }
  const { jwt } = config.public;
  if (jwt?.publicKey !== undefined)
    named.push({ path: ['public', 'jwt', 'publicKey'], file: jwt.publicKey, wrong: (pem) => publicKeyReason(pem, jwt) });
  return named.flatMap((one) => remarkOn(one, directory));
};

function remarkOn({ path, file, wrong }: NamedFile, directory: string): Remark[] {
  const full = resolve(directory, file);
  let pem: string;
  try {
    pem = readFileSync(full, 'utf8');
  } catch (problem) {
    return [error(path, `${full} cannot be read: ${readingProblem(problem)}`, { local: true })];
  }
  const reason = wrong(pem);
  return reason === null ? [] : [error(path, `${full} ${reason}`, { local: true })];
}

function certificateReason(pem: string): string | null {
  return parses(() => new X509Certificate(pem)) ? null : 'holds no PEM certificate';
}

function keyReason(pem: string): string | null {
  if (pem.includes('ENCRYPTED')) return 'holds an encrypted key, for which there is no passphrase';
  return parses(() => createPrivateKey(pem)) ? null : 'holds no PEM private key';
}

/** What a listener would say of the two. A certificate that is not there, or none, has a remark of its own. */
function pairReason(file: string, key: string): string | null {
  const cert = parses(() => readFileSync(file, 'utf8'));
  const certificate = cert === null ? null : parses(() => new X509Certificate(cert));
  if (cert === null || certificate === null) return null;
  if (!certificate.checkPrivateKey(createPrivateKey(key))) return `holds another key than that of the certificate ${file}`;
  try {
    createSecureContext({ cert, key });
    return null;
  } catch (problem) {
    // Such as a key that OpenSSL takes for too small: what node hands on is its words.
    return `cannot be used with the certificate ${file}: ${(problem as Error).message}`;
  }
}

function publicKeyReason(pem: string, { algorithms }: JwtConfig): string | null {
  // createPublicKey would take the public half of it, and leave the rest lying about.
  if (pem.includes('PRIVATE KEY')) return 'holds a private key, which a gateway must not have';
  const key = parses(() => createPublicKey(pem));
  if (key === null) return 'holds no PEM public key';
  return algorithms.some((algorithm) => fits(algorithm, key))
    ? null
    : `holds a key ${describeKey(key)}, which fits none of ${algorithms.join(', ')}`;
}

function parses<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}
