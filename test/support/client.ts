/** A client that says exactly what it is told, byte by byte, and reports exactly what comes back. */
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Lower-case names, every value in order. */
  readonly headers: Record<string, string[]>;
  /** As it came, chunk framing included. */
  readonly body: string;
  /** Interim answers before the final one. */
  readonly interim: { status: number; headers: Record<string, string[]> }[];
  readonly raw: string;
}

/** Opens a connection. @param from the source address */
export function open(port: number, from = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends bytes on a connection of its own and resolves with all that came until it was closed. */
export async function exchange(port: number, bytes: string | Buffer, from?: string): Promise<RawAnswer> {
  const socket = await open(port, from);
  socket.write(bytes as string, 'latin1');
  return parse(await untilClosed(socket));
}

/** A request with `Connection: close`, so that the answer ends with the connection. */
export function request(port: number, lines: string[], body = ''): Promise<RawAnswer> {
  return exchange(port, `${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n${body}`);
}

/** Everything that comes until the peer closes; a reset ends it too. */
export function untilClosed(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
  });
}

/** Resolves when what came so far satisfies the condition. */
export function until(socket: Socket, condition: (received: string) => boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const onData = (chunk: Buffer) => {
      received += chunk.toString('latin1');
      if (!condition(received)) return;
      socket.off('data', onData);
      resolve(received);
    };
    socket.on('data', onData);
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(received)}`)));
  });
}

export function parse(raw: string): RawAnswer {
  const interim: RawAnswer['interim'] = [];
  let rest = raw;
  for (;;) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...lines] = rest.slice(0, end === -1 ? undefined : end).split('\r\n');
    const [, code = '0', statusText = ''] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(first) ?? [];
    const headers: Record<string, string[]> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      headers[name] = [...(headers[name] ?? []), line.slice(colon + 1).trim()];
    }
    const status = Number(code);
    rest = end === -1 ? '' : rest.slice(end + 4);
    if (status < 100 || status > 199 || status === 101) return { status, statusText, headers, body: rest, interim, raw };
    interim.push({ status, headers });
  }
}
