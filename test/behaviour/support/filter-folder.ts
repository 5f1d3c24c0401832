/** A folder with a user's filters, as it lies beside a configuration. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Servers } from './servers.ts';

export interface FilterFolder {
  /** For `directory` of a gateway's options. */
  readonly directory: string;
  /** Writes a module. @param body of the default export, or the whole module where it says `export` itself. @returns its name in a configuration */
  write(name: string, body: string): string;
  remove(name: string): void;
}

export function filterFolder(servers: Pick<Servers, 'defer'>): FilterFolder {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'postern-filters-')));
  servers.defer(() => rmSync(directory, { recursive: true, force: true }));
  return {
    directory,
    write(name, body) {
      const file = join(directory, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, /^(?:import|export|const|let|throw|await|enum)\b/m.test(body) ? body : `export default { ${body} };\n`);
      return `./${name}`;
    },
    remove: (name) => rmSync(join(directory, name), { recursive: true }),
  };
}
