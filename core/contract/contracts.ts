/** The contracts of a configuration, by service, and the routes that are made of them. */
import { dirname, join, relative, resolve } from 'node:path';
import { error, type Finding, type Remark } from '../config/finding.ts';
import type { Accompany, Companion, LoadedConfig } from '../config/load.ts';
import { type Contract, compileContract, type Outline, outline } from './contract.ts';
import { isObject, type JsonObject } from './json.ts';
import { routesFrom } from './routes-from.ts';

export type Contracts = ReadonlyMap<string, Contract>;

/** What was compiled with a configuration, for as long as that is there. */
const compiled = new WeakMap<Companion, Contracts>();

/** Those that were read with a configuration, by `readContracts`. */
export const contractsOf = ({ companion }: Pick<LoadedConfig, 'companion'>): Contracts =>
  (companion && compiled.get(companion)) ?? new Map();

/** What routes are made from again where a contract did not change. */
const outlines = new WeakMap<Contract, Outline>();

/** Reads and compiles the contract of every service that names one. One with findings is left out. */
export const readContracts: Accompany = (...asked) => contractsAfter(new Map())(...asked);

/** The same, but a contract of those before whose files did not change is that very one. */
export const contractsAfter = (before: Contracts): Accompany => {
  const known = new Map(Array.from(before.values(), (contract) => [contract.documents.main, contract]));
  const read = (main: string) => {
    const contract = known.get(main);
    const same = contract && outlines.get(contract);
    if (same && same.documents.findings.length === 0 && same.documents.current)
      return { documents: same.documents, outline: same, contract };
    return { ...outline(main), contract: undefined };
  };
  return (configuration, file, directory) => contractsOfServices(configuration, { file, directory, read });
};

interface Reading {
  readonly file: string;
  readonly directory: string;
  readonly read: (main: string) => ReturnType<typeof outline> & { readonly contract: Contract | undefined };
}

function contractsOfServices(configuration: Parameters<Accompany>[0], { file, directory, read: readOne }: Reading): Companion {
  const services = isObject(configuration) && isObject(configuration['services']) ? configuration['services'] : {};
  const written =
    isObject(configuration) && Array.isArray(configuration['routes']) ? configuration['routes'].filter((route) => isObject(route)) : [];
  const names = new Set(written.map((route: JsonObject) => String(route['name'])));
  const contracts = new Map<string, Contract>();
  const findings: Finding[] = [];
  const remarks: Remark[] = [];
  const shown = (name: string) => join(dirname(file), relative(directory, name));
  const routes = Object.entries(services).flatMap(([name, service]) => {
    if (!isObject(service) || typeof service['openapi'] !== 'string' || service['openapi'] === '') return [];
    const { documents, outline: read, contract: same } = readOne(resolve(directory, service['openapi']));
    const made = read && service['routesFrom'] === 'openapi' ? routesFrom(name, service, read, { written, names, shown }) : [];
    const contract = same ?? (read && compileContract(read));
    if (contract && read) outlines.set(contract, read);
    if (contract && documents.findings.length === 0) contracts.set(name, contract);
    for (const finding of documents.findings) {
      // What has no place in the document has one in the configuration.
      if (finding.line === 0) remarks.push(error(['services', name, 'openapi'], `${finding.file} ${finding.message}`, { local: true }));
      else findings.push({ ...finding, file: shown(finding.file) });
    }
    documents.forgetPositions();
    return made;
  });
  const companion: Companion = { routes, findings, remarks };
  compiled.set(companion, contracts);
  return companion;
}
