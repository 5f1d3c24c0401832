/** What a CORS preflight is (Fetch standard): a question of the browser's own about a request to come. */
import type { IncomingMessage } from 'node:http';

export function isPreflight(req: IncomingMessage): boolean {
  return req.method === 'OPTIONS' && req.headers.origin !== undefined && req.headers['access-control-request-method'] !== undefined;
}

/** The names, in lower case, of the fields that the request to come will have. */
export function announcedFields({ headers }: Pick<IncomingMessage, 'headers'>): ReadonlySet<string> {
  const names = headers['access-control-request-headers'] ?? '';
  return new Set(names.split(',').map((name) => name.trim().toLowerCase()));
}
