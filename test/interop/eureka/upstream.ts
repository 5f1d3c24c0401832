/** A service that is nothing but a server which says who it is; whoever starts it registers it. */
import { createServer } from 'node:http';
import type { Bench } from '../support/bench.ts';

/** Returns its port. */
export function startUpstream(bench: Bench, instance: string): Promise<number> {
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ instance })),
  );
  return bench.listen(server);
}
