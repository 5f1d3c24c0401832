/** What a CORS preflight is (Fetch standard): a question of the browser's own about a request to come. */
import type { IncomingMessage } from 'node:http';

export function isPreflight(req: IncomingMessage): boolean {
  return req.method === 'OPTIONS' && req.headers.origin !== undefined && req.headers['access-control-request-method'] !== undefined;
}
