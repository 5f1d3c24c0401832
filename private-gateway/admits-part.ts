/** Whether a caller may have a part of an answer: what some route would give it, and nothing else. */
import type { AdmitsPart } from '../core/middleware/part-call.ts';
import type { Route } from '../core/routing/route.ts';
import type { RouteTable } from '../core/routing/table.ts';

/**
 * A part is let through when a GET of the caller's own would get it: the table is asked for it, by every path of which a route
 * makes the part's, and the route that takes it must name the caller. A route whose `rewrite.path` replaces the whole path lets
 * no part through, for what it would have been asked cannot be told.
 */
export function admitsPart(table: RouteTable): AdmitsPart {
  return ({ req, state }, { name: service }, { path, query }) => {
    const { principal } = state;
    if (principal.kind !== 'caller') return false;
    const routes = table.routesInOrder().filter(({ config }) => serves(config, service));
    const paths = new Set([path, ...routes.flatMap(({ config }) => askedAs(config.rewrite, path) ?? [])]);
    return [...paths].some((asked) => {
      const match = table.match({ method: 'GET', host: state.host, path: asked, query, headers: req.headers });
      if (match.found !== 'route' || !serves(match.route.config, service)) return false;
      const { config, rewrite } = match.route;
      return config.expose.private?.callers.includes(principal.name) === true && rewrite(asked, match.params, {}) === path;
    });
  };
}

function serves({ service, split }: Route['config'], name: string): boolean {
  return service === name || split?.some((branch) => branch.service === name) === true;
}

/** The path of which a rewrite by prefixes makes this one. */
function askedAs(rewrite: Route['config']['rewrite'], path: string): string | undefined {
  if (rewrite === undefined || rewrite.path !== undefined) return undefined;
  const { stripPrefix = '', prefixPath = '' } = rewrite;
  const front = prefixPath.replace(/\/$/, '');
  if (path !== front && !path.startsWith(`${front}/`)) return undefined;
  return stripPrefix.replace(/\/$/, '') + path.slice(front.length) || '/';
}
