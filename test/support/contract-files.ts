/** Files of contracts, for a configuration that is made in a test: a folder that goes with the suite. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface ContractFiles {
  readonly directory: string;
  /** Writes a file; an object becomes JSON. */
  write(name: string, content: string | object): string;
}

/** Call it inside `describe`. */
export function contractFiles(): ContractFiles {
  const directory = mkdtempSync(join(tmpdir(), 'postern-contract-'));
  after(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    write(name, content) {
      const file = join(directory, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
      return file;
    },
  };
}
