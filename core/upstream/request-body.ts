/**
 * The client's upload as the tries read it. It stands between so that whatever ends a request to a service (an early answer, a
 * reset) never destroys the client's connection, and so that limits and `Expect: 100-continue` are applied where the bytes
 * pass. What was read first is kept, up to a bound, for a try that has to begin anew.
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

/** Bytes kept for another try (linkerd's and Pingora's number). */
const REPLAYED = 64 * 1024;

export class RequestBody {
  readonly #req: IncomingMessage;
  readonly #options: RequestBodyOptions;
  /** What a further try would be sent first; undefined once more was read than is kept. */
  #kept: Buffer[] | undefined = [];
  #bytes = 0;
  #begun = false;
  #ended = false;
  #released = false;
  #reader: Reader | undefined;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  readonly #onEnd = () => {
    this.#ended = true;
    clearTimeout(this.#whole);
    this.#ignore();
    this.#reader?.push(null);
  };
  readonly #onClose = () => {
    if (!this.#req.complete) this.#fail(new Problem('client-closed'));
  };

  constructor(req: IncomingMessage, options: RequestBodyOptions) {
    this.#req = req;
    this.#options = options;
  }

  /** Whether another try would have the whole body: nothing was asked for yet, or all that was read is kept. */
  get replayable(): boolean {
    return this.#kept !== undefined;
  }

  /** Whether a try has asked for any of it. */
  get begun(): boolean {
    return this.#begun;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The body for one more try, from its beginning. A try before no longer gets any of it.
   * @throws Problem when it is not replayable any more
   */
  open(): Readable {
    if (!this.#kept) throw new Problem('internal-error', { detail: 'The beginning of the body is gone.' });
    const reader = new Reader({
      read: (position) => this.#read(reader, position),
      left: () => this.#left(reader),
    });
    this.#reader = reader;
    if (this.#begun && !this.#ended) this.#req.pause();
    return reader;
  }

  /** Says that there will be no further try: what nobody reads any more is thrown away, so that the connection can go on. */
  release(): void {
    this.#released = true;
    if (!this.#reader) this.#discard();
  }

  /** The next of what is kept, then what comes. */
  #read(reader: Reader, position: number): Buffer | null | undefined {
    if (reader !== this.#reader) return undefined;
    if (!this.#begun) this.#begin();
    this.#watch();
    const kept = this.#kept?.[position];
    if (kept) return kept;
    if (this.#ended) return null;
    this.#req.resume();
    return undefined;
  }

  /** undici destroys the body it was given whenever its request ends. */
  #left(reader: Reader): void {
    if (reader !== this.#reader) return;
    this.#reader = undefined;
    // The wait between two tries is nobody's silence.
    clearTimeout(this.#idle);
    this.#idle = undefined;
    if (this.#released) this.#discard();
    else if (this.#begun && !this.#ended) this.#req.pause();
  }

  #discard(): void {
    this.#detach();
    this.#kept = undefined;
    if (this.#begun && !this.#req.complete) this.#req.resume();
  }

  /** From a read on, until nobody reads any more, there must be progress; while a chunk waits to be read, by the service. */
  #watch(): void {
    if (this.#idle) {
      this.#idle.refresh();
      return;
    }
    const silent = () => this.#fail(new Problem(this.#ended || this.#req.isPaused() ? 'idle-timeout' : 'request-timeout'));
    this.#idle = setTimeout(silent, this.#options.idle).unref();
  }

  #begin(): void {
    this.#begun = true;
    this.#options.sendContinue?.();
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
    if (this.#bytes <= REPLAYED) this.#kept?.push(chunk);
    else this.#kept = undefined;
    if (!this.#reader?.receive(chunk)) this.#req.pause();
  }

  #fail(problem: Problem): void {
    this.#detach();
    this.#options.onFailure(problem);
  }

  #detach(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#whole);
    this.#ignore();
  }

  /** Hears no more of the client's side. */
  #ignore(): void {
    if (!this.#begun) return;
    this.#req.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose);
  }
}

interface Source {
  /** The chunk at a position, null at the end, undefined when it is still to come: then `receive` gets it. */
  read(position: number): Buffer | null | undefined;
  left(): void;
}

/** One try's reading of the upload. */
class Reader extends Readable {
  readonly #source: Source;
  #position = 0;

  constructor(source: Source) {
    super({ highWaterMark: 64 * 1024 });
    this.#source = source;
    // Nobody else need hear of a try that was given up.
    this.on('error', () => {});
  }

  receive(chunk: Buffer): boolean {
    this.#position += 1;
    return this.push(chunk);
  }

  override _read(): void {
    for (;;) {
      const chunk = this.#source.read(this.#position);
      if (chunk === undefined) return;
      if (chunk !== null) this.#position += 1;
      if (!this.push(chunk) || chunk === null) return;
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#source.left();
    callback(error);
  }
}

/** Whether the request has a body at all: RFC 9112 section 6.3, and HTTP/2's end of stream. */
export function hasBody(req: IncomingMessage): boolean {
  if (req.httpVersionMajor >= 2) return !(req as IncomingMessage & { stream?: { endAfterHeaders?: boolean } }).stream?.endAfterHeaders;
  if (req.headers['transfer-encoding'] !== undefined) return true;
  const length = req.headers['content-length'];
  return length !== undefined && length !== '0';
}
