/** Certificates made by openssl in a folder of their own. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** File names inside the folder. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateFolder {
  readonly path: string;
  authority(name: string): Certificate;
  /** @param names subject alternative names, each with its kind: `DNS:a.example` */
  issue(by: Certificate, commonName: string, names?: readonly string[]): Certificate;
  remove(): void;
}

export function certificateFolder(): CertificateFolder {
  const path = mkdtempSync(join(tmpdir(), 'postern-certificates-'));
  let count = 0;
  const make = (commonName: string, extensions: readonly string[], options: readonly string[] = []): Certificate => {
    count += 1;
    const [certFile, keyFile, configFile] = [`${count}.pem`, `${count}.key`, `${count}.cnf`];
    writeFileSync(join(path, configFile), ['[req]', 'distinguished_name = dn', '[dn]', '[ext]', ...extensions].join('\n'));
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
    const naming = ['-subj', `/CN=${commonName}`, '-config', configFile, '-extensions', 'ext'];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', certFile, '-days', '2', ...naming, ...options], { cwd: path, stdio: 'pipe' });
    return { certFile, keyFile, cert: readFileSync(join(path, certFile), 'utf8'), key: readFileSync(join(path, keyFile), 'utf8') };
  };
  return {
    path,
    authority: (name) => make(name, ['basicConstraints = critical,CA:TRUE', 'subjectKeyIdentifier = hash']),
    issue(by, commonName, names = []) {
      // In a section of their own, a name may have any character.
      const alternative = names.map((name, index) => name.replace(/^(\w+):/, `$1.${index + 1} = `));
      const extensions = [
        'basicConstraints = CA:FALSE',
        ...(names.length > 0 ? ['subjectAltName = @names', '[names]', ...alternative] : []),
      ];
      return make(commonName, extensions, ['-CA', by.certFile, '-CAkey', by.keyFile]);
    },
    remove: () => rmSync(path, { recursive: true }),
  };
}
