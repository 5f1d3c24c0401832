/**
 * The client's upload as the transport reads it. It stands between so that whatever ends the upstream request (an early
 * answer, a reset) never destroys the client's connection, and so that limits and `Expect: 100-continue` are applied where
 * the bytes pass.
 */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Problem } from '../problem.ts';

export interface RequestBodyOptions {
  /** Bytes; more is `body-too-large`. */
  limit: number;
  /** Milliseconds without progress before the upload is given up: `idle-timeout` when the service does not read, else `request-timeout`. */
  idle: number;
  /** Milliseconds the whole upload may take, where nobody else counts them: then it is `request-timeout`. */
  within: number | undefined;
  /** Sends the interim 100 answer, when the client waits for it; called before the first read. */
  sendContinue: (() => void) | undefined;
  /** Called when the client's side of the upload fails or exceeds the limit. */
  onFailure: (problem: Problem) => void;
}

export class RequestBody extends Readable {
  readonly #req: IncomingMessage;
  readonly #options: RequestBodyOptions;
  #bytes = 0;
  #begun = false;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  readonly #onEnd = () => {
    this.#detach();
    this.push(null);
  };
  readonly #onClose = () => {
    if (!this.#req.complete) this.#fail(new Problem('client-closed'));
  };

  constructor(req: IncomingMessage, options: RequestBodyOptions) {
    super({ highWaterMark: 64 * 1024 });
    this.#req = req;
    this.#options = options;
    // undici destroys the body it was given whenever its request ends; nobody else need hear of it.
    this.on('error', () => {});
  }

  /** Whether any byte was asked for: from then on the request cannot be sent again. */
  get begun(): boolean {
    return this.#begun;
  }

  get bytes(): number {
    return this.#bytes;
  }

  override _read(): void {
    if (!this.#begun) this.#begin();
    else this.#req.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#detach();
    // The rest of an upload whose answer came early: thrown away, so that the next request on the connection can be read.
    if (this.#begun && !this.#req.complete) this.#req.resume();
    callback(error);
  }

  #begin(): void {
    this.#begun = true;
    this.#options.sendContinue?.();
    this.#idle = setTimeout(() => this.#fail(new Problem(this.#req.isPaused() ? 'idle-timeout' : 'request-timeout')), this.#options.idle);
    this.#idle.unref();
    const { within } = this.#options;
    if (within !== undefined) this.#whole = setTimeout(() => this.#fail(new Problem('request-timeout')), within).unref();
    this.#req.on('data', this.#onData).on('end', this.#onEnd).on('close', this.#onClose);
  }

  #take(chunk: Buffer): void {
    this.#idle?.refresh();
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.limit) {
      this.#fail(new Problem('body-too-large'));
      return;
    }
    if (!this.push(chunk)) this.#req.pause();
  }

  #fail(problem: Problem): void {
    this.#detach();
    this.#options.onFailure(problem);
  }

  #detach(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
    if (!this.#begun) return;
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
  }
}

/** Whether the request has a body at all: RFC 9112 section 6.3, and HTTP/2's end of stream. */
export function hasBody(req: IncomingMessage): boolean {
  if (req.httpVersionMajor >= 2) return !(req as IncomingMessage & { stream?: { endAfterHeaders?: boolean } }).stream?.endAfterHeaders;
  if (req.headers['transfer-encoding'] !== undefined) return true;
  const length = req.headers['content-length'];
  return length !== undefined && length !== '0';
}
