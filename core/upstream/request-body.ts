/**
 * The client's upload as the tries read it. It stands between so that whatever ends a request to a service (an early answer, a
 * reset) never destroys the client's connection, and so that limits and `Expect: 100-continue` are applied where the bytes
 * pass. What was read first is kept, up to a bound, for a try that has to begin anew.
 */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Problem } from '../problem.ts';
import type { Sendable } from './sendable.ts';
import { Reader, type Taker } from './upload-reader.ts';

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

export class RequestBody implements Sendable {
  readonly #req: IncomingMessage;
  readonly #options: RequestBodyOptions;
  /** What a further try would be sent first; undefined once more was read than is kept. */
  #kept: Buffer[] | undefined = [];
  #bytes = 0;
  #begun = false;
  #ended = false;
  #released = false;
  #reader: Taker | undefined;
  #limit: number;
  /** Bytes kept for another try. */
  #keep = REPLAYED;
  #idle: NodeJS.Timeout | undefined;
  #whole: NodeJS.Timeout | undefined;
  readonly #onWhole: ((body: Buffer | undefined) => void)[] = [];
  #viewed: Promise<unknown> | undefined;
  #endView: (() => void) | undefined;
  #viewFailed: ((problem: Problem) => void) | undefined;
  #failed: Problem | undefined;
  readonly #onData = (chunk: Buffer) => this.#take(chunk);
  readonly #onEnd = () => {
    this.#ended = true;
    clearTimeout(this.#whole);
    this.#ignore();
    this.#reader?.push(null);
    this.#tellWhole();
  };
  readonly #onClose = () => {
    if (!this.#req.complete) this.#fail(new Problem('client-closed'));
  };

  constructor(req: IncomingMessage, options: RequestBodyOptions) {
    this.#req = req;
    this.#options = options;
    this.#limit = options.limit;
  }

  /** Lowers the limit. */
  limitTo(bytes: number): void {
    this.#limit = Math.min(this.#limit, bytes);
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

  /** Bytes that will come, by the word of the request's head; undefined where it has none. */
  get announced(): number | undefined {
    const length = this.#req.headers['content-length'];
    return length === undefined ? undefined : Number(length);
  }

  /**
   * The body for one more try, from its beginning. A try before no longer gets any of it.
   * @throws Problem when it is not replayable any more, or the client's side has failed
   */
  open(): Readable {
    if (this.#failed) throw this.#failed;
    if (!this.#kept) throw new Problem('internal-error', { detail: 'The beginning of the body is gone.' });
    this.#endView?.();
    const reader = new Reader({
      read: (position) => this.#read(reader, position),
      left: () => this.#left(reader),
    });
    this.#reader = reader;
    if (this.#begun && !this.#ended) this.#req.pause();
    return reader;
  }

  /**
   * The whole body, for a step that must see it before a try is made; it is kept for the tries. Undefined when it is larger: what
   * was read is kept for one try, which gets the rest as it comes.
   *
   * @param limit bytes
   * @throws Problem when the client's side of the upload fails
   */
  view(limit: number): Promise<Buffer | undefined> {
    // One after the other: there is one who reads.
    const view = this.#viewed ? this.#viewed.then(() => this.#view(limit)) : this.#view(limit);
    this.#viewed = view.catch(() => {});
    return view;
  }

  /** Whether a view can show it: its beginning is kept, and no try is reading it. */
  get viewable(): boolean {
    return this.#kept !== undefined && (this.#ended || !(this.#reader instanceof Reader));
  }

  async #view(limit: number): Promise<Buffer | undefined> {
    if (this.#failed) throw this.#failed;
    if (!this.#kept) throw new Problem('internal-error', { detail: 'The beginning of the body is gone.' });
    if (!this.viewable) return undefined;
    this.#keep = Math.max(this.#keep, limit);
    if (!this.#ended && this.#bytes <= limit) await this.#look(limit);
    return this.#kept && this.#ended && this.#bytes <= limit ? Buffer.concat(this.#kept) : undefined;
  }

  /**
   * Calls back once with the whole body, for one who only looks on: when it has been read by whom it is for. Undefined when it was
   * larger than what is kept, or never read to its end.
   *
   * @param limit bytes that are to be kept for it
   */
  whenWhole(callback: (body: Buffer | undefined) => void, limit = 0): void {
    this.#keep = Math.max(this.#keep, limit);
    this.#onWhole.push(callback);
    if (this.#ended || !this.#kept || this.#released) this.#tellWhole();
  }

  #tellWhole(): void {
    if (this.#onWhole.length === 0) return;
    const body = this.#ended && this.#kept ? Buffer.concat(this.#kept) : undefined;
    for (const callback of this.#onWhole.splice(0)) callback(body);
  }

  /** Reads until there is no more, or more than the limit. */
  #look(limit: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void) => {
        this.#reader = undefined;
        this.#viewFailed = undefined;
        this.#endView = undefined;
        clearTimeout(this.#idle);
        this.#idle = undefined;
        done();
      };
      this.#viewFailed = (problem) => settle(() => reject(problem));
      this.#endView = () => settle(resolve);
      this.#reader = {
        receive: () => {
          if (this.#bytes > limit) settle(resolve);
          return this.#bytes <= limit;
        },
        push: () => settle(resolve),
      };
      if (!this.#begun) this.#begin();
      // What has closed before closes no more.
      if (this.#req.destroyed && !this.#req.complete) return this.#onClose();
      this.#watch();
      this.#req.resume();
    });
  }

  /** Says that there will be no further try: what nobody reads any more is thrown away, so that the connection can go on. */
  release(): void {
    this.#released = true;
    this.#endView?.();
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

  /** The connection destroys the body it was given whenever its exchange ends. */
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
    this.#tellWhole();
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
    if (this.#bytes > this.#limit) {
      this.#fail(new Problem('body-too-large'));
      return;
    }
    // A view keeps the chunk that is too much, for the try to come.
    if (this.#bytes <= this.#keep || !(this.#reader instanceof Reader)) this.#kept?.push(chunk);
    else {
      this.#kept = undefined;
      this.#tellWhole();
    }
    if (!this.#reader?.receive(chunk)) this.#req.pause();
  }

  #fail(problem: Problem): void {
    this.#failed = problem;
    this.#detach();
    this.#tellWhole();
    this.#viewFailed?.(problem);
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
