/** The certificate files of a listener, read at the start and with every reload. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface TlsOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
  readonly ca?: Buffer;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/** @throws the system's error when a file cannot be read */
export function readTls({ cert, key, clientCa }: TlsFiles, directory: string): TlsOptions {
  const read = (file: string) => readFileSync(resolve(directory, file));
  // A caller without a certificate of ours never gets as far as a request.
  const mutual = clientCa === undefined ? {} : { ca: read(clientCa), requestCert: true, rejectUnauthorized: true };
  return { cert: read(cert), key: read(key), minVersion: 'TLSv1.2', ...mutual };
}
