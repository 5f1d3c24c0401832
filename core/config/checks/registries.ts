/** A service has endpoints or a registry to take them from, and a registry has what it needs. */
import { error, type Path, type Remark } from '../finding.ts';
import { parseDnsName, parseKubernetesName, parseSrvName } from '../registry-names.ts';
import type { Config, ServiceConfig } from '../schema/index.ts';
import type { Check, CheckContext } from './check.ts';
import { positive } from './positive.ts';

export const registries: Check = (config, context) =>
  Object.entries(config.services).flatMap(([name, service]) => ofService(name, service, config, context));

function ofService(service: string, config: ServiceConfig, { registry }: Config, { isGiven }: CheckContext): Remark[] {
  const path: Path = ['services', service];
  const { registry: kind, name = service, refresh } = config;
  const remarks: Remark[] = [];
  const from = [[...path, 'registry']];
  if (kind === undefined) {
    if (!isGiven([...path, 'endpoints']) && !isGiven([...path, 'registry']))
      remarks.push(error(path, 'has neither endpoints nor a registry to take them from', { atKey: true }));
    const idle = ['name', 'refresh', 'overrides'].filter((key) => isGiven([...path, key]));
    return [...remarks, ...idle.map((key) => error([...path, key], 'belongs to registry, which is not given', { atKey: true, from }))];
  }
  if (isGiven([...path, 'endpoints']))
    remarks.push(error([...path, 'registry'], 'and endpoints exclude one another', { from: [[...path, 'endpoints']] }));
  remarks.push(...positive({ refresh }, path));
  if (kind === 'kubernetes' && isGiven([...path, 'refresh']))
    remarks.push(error([...path, 'refresh'], 'is for registries that are asked; kubernetes tells by itself', { atKey: true, from }));
  if (kind === 'eureka' && registry.eureka === undefined) {
    const missing = 'is eureka, but neither registry.eureka, which names its servers, nor registry.embedded is there';
    if (!registry.embedded) remarks.push(error([...path, 'registry'], missing, { from: [['registry']] }));
    else if (registry.embedded.port === 0)
      remarks.push(
        error(['registry', 'embedded', 'port'], 'is 0, any that is free: no gateway could ask there for the endpoints of a service'),
      );
  }
  const wrong = nameReason(kind, name);
  if (wrong !== undefined) {
    const at = isGiven([...path, 'name']) ? 'name' : 'registry';
    remarks.push(error([...path, at], at === 'name' ? `must be ${wrong}` : `is ${kind}, which needs a name: ${wrong}`, { from }));
  }
  return remarks;
}

/** What the name should be, when it is not. */
function nameReason(kind: NonNullable<ServiceConfig['registry']>, name: string): string | undefined {
  if (kind === 'dns') return parseDnsName(name) ? undefined : 'host:port such as search.internal:9200, or https://search.internal:9200';
  if (kind === 'srv')
    return parseSrvName(name) ? undefined : 'an SRV name such as _http._tcp.search.internal or _https._tcp.search.internal';
  if (kind === 'kubernetes') return parseKubernetesName(name) ? undefined : 'a Service such as search, shop/search or search:http';
  return undefined;
}
