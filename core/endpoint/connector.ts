/** How a connection to an endpoint is opened for requests: within a time that is exact, and read where it was not written to. */
import { connect, type Socket } from 'node:net';
import { LARGEST } from '../http1/pieces.ts';
import type { Connect, Take } from '../http1/pool.ts';
import { Problem } from '../problem.ts';
import { opener } from './opener.ts';

export interface Address {
  /** `http:` or `https:` */
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  /** See `serverNameOf`. */
  readonly servername: string;
}

type Opened = (error: Error | null, socket?: Socket | null) => void;

/** What came on any plain connection lies here while it is taken: one read after another, on one thread. */
const LENT = Buffer.allocUnsafeSlow(LARGEST);

/** Milliseconds after which a connection is asked whether it still stands. */
const KEEP_ALIVE = 60_000;

/** @param timeout milliseconds, after which it is `connect-timeout` */
export function connector(address: Address, timeout: number): Connect {
  const open = address.protocol === 'https:' ? secure(address) : plain(address);
  return (take, callback) => {
    let settled = false;
    let opening: Socket | undefined;
    const settle: Opened = (error, socket) => {
      clearTimeout(timer);
      if (settled) return;
      settled = true;
      if (socket) readBeforeFailing(socket);
      callback(error, socket ?? undefined);
    };
    const giveUp = (reason: Error) => {
      opening?.destroy();
      settle(reason);
    };
    const timer = setTimeout(() => giveUp(new Problem('connect-timeout')), timeout);
    try {
      opening = open(take, settle);
    } catch (error) {
      process.nextTick(settle, error as Error);
    }
    return giveUp;
  };
}

type Open = (take: Take, opened: Opened) => Socket | undefined;

function plain({ hostname: host, port }: Address): Open {
  return (take, opened) => {
    const callback = (length: number, bytes: Uint8Array) => {
      take((bytes as Buffer).subarray(0, length), true, length === LENT.length);
      return true;
    };
    const options = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE, onread: { buffer: LENT, callback } };
    const socket = connect(options);
    return socket.on('error', opened).once('connect', () => opened(null, socket));
  };
}

function secure({ protocol, hostname, port, servername }: Address): Open {
  const open = opener(servername);
  return (take, opened) =>
    open({ protocol, hostname, port: String(port) }, (error, socket) => {
      // One packet may have brought several records.
      socket?.on('data', (bytes: Buffer) => take(bytes, false, true));
      opened(error, socket);
    });
}

/** Milliseconds without a byte after which a service has said all that it did before it closed. */
const LAST_WORDS = 1_000;

/**
 * A service that answers before it has the whole upload, and closes, breaks the writing of the rest; node would then throw
 * the answer away unread. A failed write therefore waits for the reading side, which ends by itself, with the answer or without.
 */
function readBeforeFailing(socket: Socket): void {
  // Of the write under way: there is one at a time.
  let callback: Written;
  const patient: Written = (error) => {
    const written = callback;
    const code = error && 'code' in error ? error.code : undefined;
    if (code !== 'EPIPE' && code !== 'ECONNRESET') return written(error);
    let { bytesRead } = socket;
    const timer = setInterval(() => {
      // Whoever the answer goes to may be slow to take it.
      const goesOn = socket.isPaused() || socket.bytesRead > bytesRead;
      bytesRead = socket.bytesRead;
      if (goesOn) return;
      clearInterval(timer);
      written(error);
    }, LAST_WORDS);
    socket.once('close', () => clearInterval(timer));
  };
  const { _write, _writev } = socket;
  socket._write = (chunk, encoding, written) => {
    callback = written;
    _write.call(socket, chunk, encoding, patient);
  };
  if (_writev)
    socket._writev = (chunks, written) => {
      callback = written;
      _writev.call(socket, chunks, patient);
    };
}

type Written = (error?: Error | null) => void;
