/** Whether a caller may have a part of an answer: what some route would give it, and nothing else. */
import type { RewriteConfig, RouteConfig } from '../core/config/schema/index.ts';
import type { AdmitsPart } from '../core/middleware/part-call.ts';
import type { RouteTable } from '../core/routing/table.ts';

/**
 * A part is let through when a GET of the caller's own would get it: the table is asked for it, by every path of which a route
 * makes the part's, and the route that takes it must name the caller. A route whose `rewrite.path` replaces the whole path lets
 * no part through, for what it would have been asked cannot be told.
 */
export function admitsPart(table: RouteTable): AdmitsPart {
  // Once, for a table may be long and parts are asked for with every request.
  const rewrites = rewritesByService(table);
  return ({ req, state }, { name: service }, { path, query }) => {
    const { principal } = state;
    if (principal.kind !== 'caller') return false;
    const paths = new Set([path, ...(rewrites.get(service) ?? []).flatMap((rewrite) => askedAs(rewrite, path) ?? [])]);
    return [...paths].some((asked) => {
      const match = table.match({ method: 'GET', host: state.host, path: asked, query, headers: req.headers });
      if (match.found !== 'route' || !servicesOf(match.route.config).includes(service)) return false;
      const { config, rewrite } = match.route;
      return config.expose.private?.callers.includes(principal.name) === true && rewrite(asked, match.params, {}) === path;
    });
  };
}

function servicesOf({ service, split = [] }: RouteConfig): readonly string[] {
  return [...(service === undefined ? [] : [service]), ...split.map((branch) => branch.service)];
}

/** How the paths of each service are made of others by prefixes; each way once. */
function rewritesByService(table: RouteTable): ReadonlyMap<string, readonly RewriteConfig[]> {
  const found = new Map<string, Map<string, RewriteConfig>>();
  for (const { config } of table.routesInOrder()) {
    const { rewrite } = config;
    if (rewrite === undefined || rewrite.path !== undefined) continue;
    for (const service of servicesOf(config)) {
      const own = found.get(service) ?? new Map<string, RewriteConfig>();
      found.set(service, own.set(`${rewrite.stripPrefix} ${rewrite.prefixPath}`, rewrite));
    }
  }
  return new Map([...found].map(([service, own]) => [service, [...own.values()]]));
}

/** The path of which a rewrite by prefixes makes this one. */
function askedAs({ stripPrefix = '', prefixPath = '' }: RewriteConfig, path: string): string | undefined {
  const front = prefixPath.replace(/\/$/, '');
  if (path !== front && !path.startsWith(`${front}/`)) return undefined;
  return stripPrefix.replace(/\/$/, '') + path.slice(front.length) || '/';
}
