/** Ports for programs that cannot choose their own, and a way to see that one answers. */
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** For ProcessSpec.ready: the address, once a GET of the path is answered with a 200. */
export function answering(base: string, path: string): () => Promise<string | undefined> {
  return async () => {
    try {
      const response = await fetch(base + path, { headers: { connection: 'close' } });
      await response.arrayBuffer();
      return response.status === 200 ? base : undefined;
    } catch {
      return undefined;
    }
  };
}
