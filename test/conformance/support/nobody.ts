/** A service that listens but never accepts: its queue is full, so that a connection to it neither opens nor fails. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
import type { Stage } from './stage.ts';

/** A thread that stops for good once it listens: nothing in it can accept. */
const LISTENER = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

export async function nobody(on: Pick<Stage, 'after'>): Promise<{ url: string }> {
  const worker = new Worker(LISTENER, { eval: true });
  on.after(() => worker.terminate());
  const [port] = await once(worker, 'message');
  const sockets = Array.from({ length: 8 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => {}));
  on.after(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.any(sockets.map((socket) => once(socket, 'connect')));
  return { url: `http://127.0.0.1:${port}` };
}
