/**
 * Stopping without losing a request: unready at once, still accepting for a moment while load balancers look away, then
 * `Connection: close` on every answer, and at the deadline whatever is left is cut.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { DrainConfig } from '../config/schema/index.ts';
import type { AnyServer } from './listen.ts';

export interface Drainable {
  /** Marks a request as under way; called for every request. */
  track(req: IncomingMessage, res: ServerResponse): void;
  /** Resolves when nothing is left, with the number of requests that had to be cut. */
  drain(config: DrainConfig, onUnready: () => void): Promise<number>;
  /** Cuts everything now. */
  destroy(): void;
}

export function drainable(server: AnyServer): Drainable {
  const sockets = new Set<Socket>();
  const underway = new Set<ServerResponse>();
  let draining = false;
  const remember = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('connection', remember);

  const destroy = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };

  return {
    track(req, res) {
      underway.add(res);
      res.once('close', () => underway.delete(res));
      if (draining && req.httpVersionMajor < 2) res.shouldKeepAlive = false;
    },
    async drain({ grace, deadline }, onUnready) {
      draining = true;
      onUnready();
      for (const res of underway) if (!res.headersSent) res.shouldKeepAlive = false;
      await wait(grace);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      const cutOff = new AbortController();
      await Promise.race([closed, quiet(underway), wait(deadline, cutOff.signal)]);
      cutOff.abort();
      const left = underway.size;
      destroy();
      await closed;
      return left;
    },
    destroy,
  };
}

/** Resolves when no request is under way: connections that merely idle are no reason to wait. */
async function quiet(underway: ReadonlySet<ServerResponse>): Promise<void> {
  while (underway.size > 0) {
    await Promise.all([...underway].map((res) => new Promise((resolve) => (res.closed ? resolve(undefined) : res.once('close', resolve)))));
  }
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
