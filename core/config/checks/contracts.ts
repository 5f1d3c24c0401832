/** Contracts: whoever is held against one has one, and what is asked of them can be done. */
import { error, type Remark, warning } from '../finding.ts';
import type { Config, RouteConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

export const contracts: Check = ({ services, routes }) => [
  ...Object.entries(services).flatMap(([name, { openapi, routesFrom, expose }]): Remark[] => {
    const path = ['services', name];
    if (routesFrom !== undefined && openapi === undefined)
      return [error([...path, 'routesFrom'], 'needs openapi: the document that has the operations', { atKey: true })];
    if (expose !== undefined && routesFrom === undefined)
      return [error([...path, 'expose'], 'has no effect without routesFrom: routes say themselves how they are exposed', { atKey: true })];
    return [];
  }),
  ...routes.flatMap((route, index) => [
    ...validated(route, ['routes', index, 'validate'], services),
    ...meant(route, ['routes', index, 'operation'], services),
  ]),
];

function meant({ operation, service }: RouteConfig, path: Remark['path'], services: Config['services']): Remark[] {
  if (operation === undefined) return [];
  if (service === undefined) return [error(path, 'needs a service, whose contract has it', { atKey: true })];
  if (!Object.hasOwn(services, service) || services[service]?.openapi !== undefined) return [];
  return [error(path, `needs a contract: services.${service}.openapi names none`, { atKey: true, from: [['services', service]] })];
}

function validated(
  { validate, aggregate, service, split = [] }: RouteConfig,
  path: Remark['path'],
  services: Config['services'],
): Remark[] {
  if (validate === undefined || (validate.request === 'off' && validate.response === 'off')) return [];
  if (aggregate !== undefined) return [error(path, 'has no effect: the answer is made of parts, which are not validated', { atKey: true })];
  const names = service === undefined ? split.map((branch) => branch.service) : [service];
  const known = names.filter((name) => Object.hasOwn(services, name));
  const without = known.filter((name) => services[name]?.openapi === undefined);
  if (without.length === 0) return [];
  const from = without.map((name) => ['services', name]);
  if (without.length === known.length)
    return [error(path, `needs a contract: services.${without[0]}.openapi names none`, { atKey: true, from })];
  return [warning(path, `validates nothing for ${without.join(', ')}, which has no openapi`, { atKey: true, from })];
}
