/** How a connection to an endpoint is opened: with a timer that is exact, and a memory of whether it was used before. */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { Problem } from '../problem.ts';
import { opener } from './opener.ts';

/** Errors of connections that had carried an answer before they broke. */
const onReusedConnection = new WeakSet<Error>();

/** Whether this error broke a connection that had answered before: it may just have been idle too long (RFC 9112 section 9.3.1). */
export function brokeReusedConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (onReusedConnection.has(error)) return true;
  return (
    'socket' in error &&
    typeof error.socket === 'object' &&
    error.socket !== null &&
    'bytesRead' in error.socket &&
    Number(error.socket.bytesRead) > 0
  );
}

/**
 * @param timeout milliseconds; undici's own timer has a resolution of half a second
 * @param serverName see `serverNameOf`
 */
export function connector(timeout: number, serverName: string): buildConnector.connector {
  const open = opener(serverName);
  return (options, callback) => {
    let settled = false;
    const timer = setTimeout(() => {
      settled = true;
      const problem = new Problem('connect-timeout');
      opening?.destroy?.(problem);
      callback(problem, null);
    }, timeout);
    const opened: buildConnector.Callback = (...result) => {
      clearTimeout(timer);
      if (settled) return;
      settled = true;
      const socket = result[1];
      if (socket) {
        remember(socket);
        readBeforeFailing(socket);
      }
      callback(...result);
    };
    let opening: Socket | undefined;
    try {
      opening = open(options, opened);
    } catch (error) {
      opened(error as Error, null);
    }
  };
}

function remember(socket: Socket): void {
  socket.on('error', (error) => {
    if (socket.bytesRead > 0) onReusedConnection.add(error);
  });
}

/** How long what a service said before it closed may take to be read. */
const LAST_WORDS = 1_000;

/**
 * A service that answers before it has the whole upload, and closes, breaks the writing of the rest; node would then throw
 * the answer away unread. A failed write therefore waits for the reading side, which ends by itself, with the answer or without.
 */
function readBeforeFailing(socket: Socket): void {
  const patient = (callback: (error?: Error | null) => void) => (error?: Error | null) => {
    const code = error && 'code' in error ? error.code : undefined;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') return callback(error);
    const timer = setTimeout(() => callback(error), LAST_WORDS);
    socket.once('close', () => clearTimeout(timer));
  };
  const { _write, _writev } = socket;
  socket._write = (chunk, encoding, callback) => _write.call(socket, chunk, encoding, patient(callback));
  if (_writev) socket._writev = (chunks, callback) => _writev.call(socket, chunks, patient(callback));
}
