/** The files that a configuration names, beside the modules of filters, which know their own. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type LoadedConfig, revisionOf } from '../config/load.ts';
import type { Config } from '../config/schema/index.ts';
import { contractsOf } from '../contract/contracts.ts';
import { readFileAgain } from './read-file.ts';

type Section = 'public' | 'private';

/** As far as it is one: of a configuration with faults, a file that it names may be what is wrong. */
export function filesOf(config: unknown, directory: string, section: Section): readonly string[] {
  const { services = {} } = config as Config;
  const contracts = Object.values(services).map((service) => service?.openapi);
  const { cert, key, clientCa } = tlsFiles(config, section) ?? {};
  return [...contracts, cert, key, clientCa, publicKey(config, section)].filter((name) => typeof name === 'string').map(to(directory));
}

/** The contracts with the files that they refer to. */
export function contractFiles(loaded: LoadedConfig): readonly string[] {
  return [...contractsOf(loaded).values()].flatMap(({ documents }) => [...documents.texts.keys()]);
}

/** Whether two configurations have the very same contracts: one whose files did not change is not compiled again. */
export function sameContracts(before: LoadedConfig, after: LoadedConfig): boolean {
  const [one, other] = [contractsOf(before), contractsOf(after)];
  return one.size === other.size && [...one].every(([name, contract]) => other.get(name) === contract);
}

/** What the key has by which tokens are verified; undefined where it comes from elsewhere, or cannot be read. */
export function keyText({ config, directory }: LoadedConfig, section: Section): string | undefined {
  const file = publicKey(config, section);
  try {
    return file === undefined ? undefined : readFileSync(resolve(directory, file), 'utf8');
  } catch {
    return undefined;
  }
}

function tlsFiles(config: unknown, section: Section): { cert?: string; key?: string; clientCa?: string } | undefined {
  return (config as Config)[section]?.listen?.tls;
}

function publicKey(config: unknown, section: Section): string | undefined {
  return section === 'public' ? (config as Config).public?.jwt?.publicKey : undefined;
}

const to = (directory: string) => (file: string) => resolve(directory, file);

/** Whether the file is another by now. One that cannot be read is not: what that means is for a reload to say. */
export function isStale({ file, revision }: LoadedConfig): boolean {
  try {
    return revisionOf(readFileAgain(file)) !== revision;
  } catch {
    return false;
  }
}
