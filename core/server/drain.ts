/**
 * Stopping without losing a request: unready at once, still accepting for a moment while load balancers look away, then
 * `Connection: close` on every answer, and at the deadline whatever is left is cut.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Http2ServerRequest, type ServerHttp2Session } from 'node:http2';
import { Server as NetServer, type Socket } from 'node:net';
import type { DrainConfig } from '../config/schema/index.ts';
import type { AnyServer } from './listen.ts';
import { underway } from './underway.ts';

export interface Drainable {
  /** Marks a request as under way; called for every request. */
  track(req: IncomingMessage, res: ServerResponse): void;
  /** Resolves when nothing is left, with the number of requests that had to be cut. */
  drain(config: DrainConfig, onUnready: () => void): Promise<number>;
  /** Cuts everything now. */
  destroy(): void;
}

/** Milliseconds within which a connection that was just accepted brings its first request; TLS may have to be agreed on before. */
const YOUNG = 500;

export function drainable(server: AnyServer): Drainable {
  /** Each with the time it was accepted at. */
  const sockets = new Map<Socket, number>();
  const sessions = new Set<ServerHttp2Session>();
  const answers = underway();
  let draining = false;
  let graceIsOver = false;
  server.on('connection', (socket: Socket) => {
    sockets.set(socket, performance.now());
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });

  const destroy = () => {
    for (const socket of sockets.keys()) socket.destroy();
    server.close();
  };

  /** Resolves when no request is under way and none can be on its way: connections that merely idle are no reason to wait. */
  const quiet = async (signal: AbortSignal) => {
    for (;;) {
      await Promise.all([...answers].map((res) => new Promise((resolve) => res.once('close', resolve))));
      let youngest = Number.NEGATIVE_INFINITY;
      for (const acceptedAt of sockets.values()) youngest = Math.max(youngest, acceptedAt);
      const youth = youngest + YOUNG - performance.now();
      if (answers.size === 0 && youth <= 0) return;
      if (answers.size === 0) await wait(youth, signal);
    }
  };

  return {
    track(req, res) {
      answers.add(res);
      if (draining) takeLeave(req, res, graceIsOver);
    },
    async drain({ grace, deadline }, onUnready) {
      draining = true;
      onUnready();
      for (const res of answers) if (!res.headersSent) takeLeave(res.req, res, graceIsOver);
      await wait(grace);
      graceIsOver = true;
      for (const session of sessions) session.close();
      // Only the port: node's own close would also cut connections whose answer is still on its way out, or whose request is on its way in.
      const closed = new Promise<void>((resolve) => void NetServer.prototype.close.call(server, () => resolve()));
      const cutOff = new AbortController();
      await Promise.race([closed, quiet(cutOff.signal), wait(deadline, cutOff.signal)]);
      cutOff.abort();
      const left = answers.size;
      destroy();
      await closed;
      return left;
    },
    destroy,
  };
}

/**
 * Asks the client to go elsewhere with its next request: by the answer in HTTP/1.1, by GOAWAY in HTTP/2. That only once the
 * grace is over: after a GOAWAY, even one that names no last stream, nghttp2 takes no further stream (node has no shutdown notice).
 */
function takeLeave(req: IncomingMessage, res: ServerResponse, graceIsOver: boolean): void {
  if (!(req instanceof Http2ServerRequest)) res.shouldKeepAlive = false;
  else if (graceIsOver) (req.stream.session as ServerHttp2Session | undefined)?.close();
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
