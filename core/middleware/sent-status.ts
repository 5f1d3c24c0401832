/** The status the client was sent, for whoever reports it: none when it left before there was one. */
import type { ServerResponse } from 'node:http';

export function sentStatus(res: ServerResponse): number | undefined {
  // The head of a 101 is written on the socket itself.
  return res.headersSent || res.statusCode === 101 ? res.statusCode : undefined;
}
