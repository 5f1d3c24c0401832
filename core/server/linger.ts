/**
 * Closing a connection whose client may still be sending. Closed at once, the system would answer what still comes with a
 * reset, and the client might lose the answer it was given (RFC 9112 section 9.6).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** How long a client may go on sending what nobody reads any more. */
const LINGER = 5_000;

/** When this answer is the connection's last, the rest of the upload is read and thrown away before the connection closes. */
export function lingerAfter(req: IncomingMessage, res: ServerResponse): void {
  // Before node's own listener for this event, which closes the connection.
  res.prependListener('finish', () => {
    if (!req.complete) req.socket.destroySoon = () => linger(req, req.socket);
  });
}

function linger(req: IncomingMessage, socket: Socket): void {
  socket.end();
  closeWithin(socket, LINGER);
  // A request behind this one will not be answered.
  req.once('end', () => socket.destroy()).resume();
}

/** For a socket that has been ended: its peer gets this long to end its side. */
export function closeWithin(socket: Duplex, milliseconds: number): void {
  const timer = setTimeout(() => socket.destroy(), milliseconds);
  socket.once('close', () => clearTimeout(timer));
}
