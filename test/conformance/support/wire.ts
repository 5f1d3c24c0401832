/** One end of a connection, byte by byte: what was received so far, and a promise for whatever it waits for. */
import type { Socket } from 'node:net';

export class Wire {
  readonly socket: Socket;
  /** Every byte so far, as latin1. */
  received = '';
  /** Resolves with all that was received once the connection has closed, by an end or by a reset. */
  readonly closed: Promise<string>;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(this.received)));
    const wake = () => {
      for (const check of this.#waiting.splice(0)) check();
    };
    socket.on('error', () => {});
    socket.on('close', wake);
    socket.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1');
      wake();
    });
  }

  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    return this;
  }

  /** Ends our side after these bytes. */
  end(bytes = ''): this {
    this.socket.end(Buffer.from(bytes, 'latin1'));
    return this;
  }

  /** A reset: the peer reads an error, not an end. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Resolves when what was received has it; rejects when the connection closes without. */
  has(wanted: string | RegExp | ((received: string) => boolean)): Promise<string> {
    const satisfied =
      typeof wanted === 'function' ? wanted : (all: string) => (typeof wanted === 'string' ? all.includes(wanted) : wanted.test(all));
    return new Promise((resolve, reject) => {
      const check = () => {
        if (satisfied(this.received)) resolve(this.received);
        else if (this.socket.destroyed) reject(new Error(`closed after ${JSON.stringify(this.received.slice(-2000))}`));
        else this.#waiting.push(check);
      };
      check();
    });
  }

  /** Resolves when a whole head is in, the nth one. */
  head(nth = 1): Promise<string> {
    return this.has((received) => received.split('\r\n\r\n').length > nth);
  }
}
