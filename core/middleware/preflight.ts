/** What a CORS preflight is (Fetch standard): a question of the browser's own about a request to come. */
import type { IncomingHttpHeaders } from 'node:http';
import type { RouteQuery } from '../routing/route-query.ts';

type Request = { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders };

export function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** What a route is looked for with: where preflights are answered, the method and the fields of the request to come. */
export function matchedAs(request: Request, preflights: boolean): Pick<RouteQuery, 'method' | 'announced'> {
  if (!preflights || !isPreflight(request)) return { method: request.method ?? '' };
  return { method: request.headers['access-control-request-method'] ?? '', announced: announcedFields(request) };
}

/** The names, in lower case, of the fields that the request to come will have. */
function announcedFields({ headers }: Request): ReadonlySet<string> {
  const names = headers['access-control-request-headers'] ?? '';
  return new Set(names.split(',').map((name) => name.trim().toLowerCase()));
}
