/** A certificate for localhost, made anew for the tests that need one. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly directory: string;
  /** Names of files in the directory. */
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

export function makeCertificate(): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'postern-tls-'));
  const options =
    '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1';
  execFileSync('openssl', ['req', ...options.split(' '), '-keyout', 'key.pem', '-out', 'cert.pem'], { cwd: directory, stdio: 'ignore' });
  return { directory, cert: 'cert.pem', key: 'key.pem', remove: () => rmSync(directory, { recursive: true }) };
}
