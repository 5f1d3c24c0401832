/** What only contracts can tell of routes: operations that they do not have, and routes that lead to none. */
import { error, type Finding, warning } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import { didYouMean } from '../config/nearest.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import type { Contract } from '../contract/contract.ts';
import { contractsOf } from '../contract/contracts.ts';
import { outsideOf } from '../contract/outside.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { buildTable, type RouteTable } from '../routing/table.ts';

export function checkContracts(loaded: LoadedConfig): Finding[] {
  const contracts = contractsOf(loaded);
  const { routes } = loaded.config;
  if (contracts.size === 0) return [];
  const tables = (['public', 'private'] as const).map((section) => buildTable(exposedThrough(section, routes)));
  return routes.flatMap((route, index): Finding[] => {
    const { service = '', operation, validate } = route;
    const contract = contracts.get(service);
    if (!contract) return [];
    if (operation !== undefined) return isThere(contract, operation) ? [] : [loaded.locate(unknown(contract, service, operation, index))];
    if (validate?.request !== 'enforce' || leadsSomewhere(route, contract, tables)) return [];
    const nowhere = `leads to no operation of the contract of ${service}: every request is refused`;
    return [loaded.locate(warning(['routes', index], nowhere))];
  });
}

const isThere = ({ operations }: Contract, operation: string): boolean => operations.some(({ name }) => name === operation);

function unknown({ operations }: Contract, service: string, operation: string, index: number) {
  const known = operations.map(({ name }) => name);
  const message = `names ${operation}, which the contract of ${service} does not have`;
  return error(['routes', index, 'operation'], message, { hint: didYouMean(operation, known) });
}

function leadsSomewhere(route: RouteConfig, contract: Contract, tables: readonly RouteTable[]): boolean {
  return tables.some((table) =>
    table
      .routesInOrder()
      .filter(({ config }) => config === route)
      .some((compiled) => contract.operations.some((operation) => outsideOf(compiled, operation, contract, table) !== undefined)),
  );
}
