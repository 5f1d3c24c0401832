/** Finds the route, among those exposed through this gateway only: 404 when there is none, 405 when only the method is wrong. */
import type { Middleware } from '../context.ts';
import { Problem } from '../problem.ts';
import type { RouteTable } from '../routing/table.ts';
import { matchedAs } from './preflight.ts';

/** @param preflights whether a CORS preflight is matched as the request it asks for; the cors step then answers it */
export function matchRoute(table: RouteTable, { preflights }: { preflights: boolean }): Middleware {
  return function matchRoute(ctx, next) {
    const { state, req } = ctx;
    const { path, query } = state.target;
    const match = table.match({ ...matchedAs(req, preflights), host: state.host, path, query, headers: req.headers });
    if (match.found === 'nothing') throw new Problem('no-route');
    if (match.found === 'method-mismatch') throw new Problem('method-not-allowed', { headers: { Allow: match.allow.join(', ') } });
    state.route = match.route;
    state.params = match.params;
    return next();
  };
}
