/** Answers what node's parser refused, where there is no request to pass through a pipeline. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { atEndOfTurn } from '../http1/end-of-turn.ts';
import { failures, type ProblemCode } from '../problem.ts';
import { closeWithin } from './linger.ts';

/** For the refusal to be read. */
const GRACE = 1_000;

/** Answers, closes the connection, and tells why. */
export function refuseMalformed(error: Error, socket: Duplex): string {
  const code = 'code' in error ? String(error.code) : '';
  const problem = problemOf(code);
  const underway = (socket as Duplex & { _httpMessage?: Partial<ServerResponse> })._httpMessage;
  // Malformed is what came behind a request that is being served: its answer is the connection's last.
  if (underway?.req?.complete && socket.writable && code !== 'ECONNRESET') {
    underway.shouldKeepAlive = false;
    if (!underway.headersSent) return problem;
  }
  // A reset peer reads nothing.
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return code === 'ECONNRESET' ? 'reset' : problem;
  }
  // An answer under way must not be mixed with another; one that is whole, and waits for the end of this turn, is written before.
  if (underway?.headersSent) {
    atEndOfTurn(() => socket.destroy());
    return problem;
  }
  const { status, title } = failures[problem];
  const body = JSON.stringify({ type: `urn:problem-type:${problem}`, title, status, code: problem });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\nContent-Length: ${body.length}\r\n` +
      `Cache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
  );
  // Node waits for the peer's end too, and this one may be here to hold connections.
  closeWithin(socket, GRACE);
  return problem;
}

function problemOf(code: string): ProblemCode {
  if (code === 'HPE_HEADER_OVERFLOW' || code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW') return 'headers-too-large';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request-timeout';
  return 'bad-request';
}
