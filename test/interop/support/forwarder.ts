/** Carries bytes to a port from a chosen source address, for clients that cannot choose theirs (git). */
import { connect, createServer } from 'node:net';
import type { Bench } from './bench.ts';

export async function startForwarder(bench: Bench, from: string, port: number): Promise<string> {
  const server = createServer((near) => {
    const far = connect({ port, host: '127.0.0.1', localAddress: from });
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  });
  return `http://127.0.0.1:${await bench.listen(server)}`;
}
