/** From a route of the configuration to what the table holds. */
import type { RouteConfig } from '../config/schema/index.ts';
import { canonicalHost } from './canonical-host.ts';
import { compilePath, describePath } from './path-pattern.ts';
import { compilePredicates } from './predicates.ts';
import { compileRewrite } from './rewrite.ts';
import type { Route } from './route.ts';

/** One compiled route for each host that the configuration names, or one for every host. */
export function compileRoute(config: RouteConfig, index: number): readonly Route[] {
  const { name, match, rewrite } = config;
  const path = compilePath(match);
  const common = {
    name,
    config,
    template: describePath(path),
    path,
    // Parts are read, so that an answer made of them is.
    methods: compileMethods(match.methods ?? (config.aggregate ? ['GET'] : undefined)),
    predicates: compilePredicates(match),
    rewrite: compileRewrite(rewrite),
    index,
  };
  return compileHosts(match.hosts).map((host) => ({ ...common, host }));
}

export function compileRoutes(configs: readonly RouteConfig[]): readonly Route[] {
  return configs.flatMap(compileRoute);
}

/** RFC 9110 section 9.1: a server that knows GET knows HEAD. */
function compileMethods(methods: readonly string[] | undefined): ReadonlySet<string> | null {
  if (methods === undefined) return null;
  return new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])));
}

function compileHosts(hosts: readonly string[] | undefined): readonly (string | null)[] {
  if (hosts === undefined || hosts.includes('*')) return [null];
  return [...new Set(hosts.map((host) => (host.startsWith('*.') ? `*.${canonicalHost(host.slice(2)).host}` : canonicalHost(host).host)))];
}
