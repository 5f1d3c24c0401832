/** Why a request goes to the route it goes to, and why to none of the others. */
import { asProblem } from '../problem.ts';
import { fitsHost } from './hosts.ts';
import { fitsPath } from './path-pattern.ts';
import type { Route, RouteQuery } from './route.ts';

export interface Explanation {
  readonly route: Route;
  readonly taken: boolean;
  /**
   * What did not fit: `host`, `path`, `method`, `header x-a`, `cookie a`, `query a`; `precedence` where all did but another
   * route goes first; the code of the problem where the request is refused. Null for the route taken.
   */
  readonly reason: string | null;
}

/** Judges each of the routes, which come in order of precedence, by the predicates that requests are matched with. */
export function explainRoutes(routes: readonly Route[], query: RouteQuery): readonly Explanation[] {
  let decided = false;
  return routes.map((route) => {
    const reason = mismatch(route, query) ?? (decided ? 'precedence' : null);
    if (reason === null) decided = true;
    return { route, taken: reason === null, reason };
  });
}

function mismatch(route: Route, query: RouteQuery): string | null {
  try {
    if (!fitsHost(route.host, query.host)) return 'host';
    if (!fitsPath(route.path, query.path)) return 'path';
    if (route.methods !== null && !route.methods.has(query.method)) return 'method';
    const failed = route.predicates.find((predicate) => !predicate.holds(query));
    return failed === undefined ? null : `${failed.kind} ${failed.name}`;
  } catch (error) {
    return asProblem(error).code;
  }
}
