/** The contracts of a configuration, by service. */
import { dirname, join, relative, resolve } from 'node:path';
import { error, type Finding } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema/index.ts';
import { type Contract, compileContract, outline } from './contract.ts';

export type Contracts = ReadonlyMap<string, Contract>;

export interface LoadedContracts {
  readonly contracts: Contracts;
  /** Each in its own file. */
  readonly findings: readonly Finding[];
}

/** Compiled once, for as long as the configuration is there. */
const known = new WeakMap<Config, LoadedContracts>();

/** Reads and compiles the contract of every service that has one. Those with findings are left out. */
export function contractsOf(loaded: Pick<LoadedConfig, 'config' | 'directory' | 'file' | 'locate'>): LoadedContracts {
  const { config } = loaded;
  let contracts = known.get(config);
  if (!contracts) {
    contracts = load(loaded);
    known.set(config, contracts);
  }
  return contracts;
}

function load({
  config,
  directory,
  file: configuration,
  locate,
}: Pick<LoadedConfig, 'config' | 'directory' | 'file' | 'locate'>): LoadedContracts {
  const contracts = new Map<string, Contract>();
  const findings: Finding[] = [];
  for (const [name, { openapi }] of Object.entries(config.services)) {
    if (openapi === undefined) continue;
    const file = resolve(directory, openapi);
    const { documents, outline: read } = outline(file);
    const contract = read && compileContract(read);
    for (const finding of documents.findings) {
      // What has no place in the document has one here.
      if (finding.line === 0)
        findings.push(locate(error(['services', name, 'openapi'], `${finding.file} ${finding.message}`, { local: true })));
      else findings.push({ ...finding, file: join(dirname(configuration), relative(directory, finding.file)) });
    }
    if (contract && documents.findings.length === 0) contracts.set(name, contract);
  }
  return { contracts, findings };
}
