/**
 * A service's answer while it is still arriving. Nothing is read into a stream: the chunks go from the socket to the client
 * (`relay`), into one buffer (`collect`) or nowhere (`discard`), with backpressure towards the service. Exactly one of the
 * three must be called. What arrives before that is kept, up to a bound, so that a small answer that came in one packet
 * leaves in one write.
 */
import type { ServerResponse } from 'node:http';
import { Problem } from '../problem.ts';
import { cut, cutUnlessRead, writeHead, writeTrailers } from './response-head.ts';

/** What the transport offers of the connection: undici's controller has this shape. */
export interface Source {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Bytes kept while nobody has said where they go. */
const KEPT = 64 * 1024;

interface Sink {
  data(chunk: Buffer): void;
  end(trailers: readonly string[]): void;
  fail(problem: Problem): void;
}

export class UpstreamResponse {
  readonly status: number;
  readonly statusText: string;
  /** End-to-end fields, flat: name, value. Layers and filters may change them before the answer is written. */
  readonly headers: string[];
  /** Body bytes received so far. */
  bytes = 0;
  readonly #source: Source;
  #sink: Sink | undefined;
  #kept: Buffer[] = [];
  #ended: readonly string[] | undefined;
  #failed: Problem | undefined;
  #paused = false;
  readonly #whenDone: (() => void)[] = [];

  constructor(status: number, statusText: string, headers: string[], source: Source) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.#source = source;
  }

  /** The transport's side: a chunk of the body. */
  receive(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.#sink) {
      this.#sink.data(chunk);
      return;
    }
    this.#kept.push(chunk);
    if (this.bytes > KEPT) this.#pause();
  }

  /** The transport's side: the body is whole. Trailer fields are flat. */
  complete(trailers: readonly string[]): void {
    this.#ended = trailers;
    this.#sink?.end(trailers);
    for (const callback of this.#whenDone) callback();
  }

  /** The transport's side: the answer was cut. */
  fail(problem: Problem): void {
    this.#failed = problem;
    this.#sink?.fail(problem);
    for (const callback of this.#whenDone) callback();
  }

  /** Calls back when the service is done with the request: its answer is whole, or was cut. */
  whenDone(callback: () => void): void {
    if (this.#ended || this.#failed) callback();
    else this.#whenDone.push(callback);
  }

  /**
   * Writes the answer to the client and resolves when the last byte has been handed over.
   * @throws Problem when the service broke its answer: before the head was written it can still become an answer of our
   * own; afterwards the client's connection has been cut, for a silent truncation would be a lie.
   */
  async relay(res: ServerResponse, idle: number): Promise<void> {
    if (this.#failed) throw this.#failed;
    writeHead(res, this.status, this.statusText, this.headers);
    if (this.#ended !== undefined && this.#ended.length === 0) {
      endWith(res, this.#kept);
      cutUnlessRead(res, idle);
      return;
    }
    await new Promise<void>((resolve, reject) => {
      this.#attach(toClient(res, idle, this.#source, resolve, reject));
    });
  }

  /**
   * The whole body in memory.
   * @param limit bytes; one more and the answer is abandoned with `upstream-protocol-error`
   */
  async collect(limit: number): Promise<Buffer> {
    if (this.#failed) throw this.#failed;
    const chunks: Buffer[] = [];
    let bytes = 0;
    return new Promise((resolve, reject) => {
      this.#attach({
        data: (chunk) => {
          bytes += chunk.length;
          if (bytes <= limit) chunks.push(chunk);
          else this.#source.abort(new Problem('upstream-protocol-error', { detail: `The answer is larger than ${limit} bytes.` }));
        },
        end: () => resolve(Buffer.concat(chunks)),
        fail: reject,
      });
    });
  }

  /** Gives the answer up; its connection is closed unless the answer is whole already. */
  discard(): void {
    this.#kept = [];
    this.#sink = { data: () => {}, end: () => {}, fail: () => {} };
    if (this.#ended === undefined && !this.#failed) this.#source.abort(new Problem('client-closed'));
  }

  #attach(sink: Sink): void {
    this.#sink = sink;
    const kept = this.#kept;
    this.#kept = [];
    for (const chunk of kept) sink.data(chunk);
    if (this.#ended) sink.end(this.#ended);
    else if (this.#failed) sink.fail(this.#failed);
    else if (this.#paused) {
      this.#paused = false;
      this.#source.resume();
    }
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }
}

/** Node writes a head and a string in one piece, a head and a buffer in two; below this size the copy is the cheaper one. */
const ONE_WRITE = 4 * 1024;

/** Writes a body that is whole already. */
function endWith(res: ServerResponse, chunks: readonly Buffer[]): void {
  const [chunk] = chunks;
  if (chunks.length === 1 && chunk !== undefined && chunk.length <= ONE_WRITE) {
    res.end(chunk.toString('latin1'), 'latin1');
    return;
  }
  res.cork();
  for (const each of chunks) res.write(each);
  res.end();
}

/** Bytes the client may be behind before the service is asked to wait: to stop and start at every chunk would cost more than they do. */
const BEHIND = 256 * 1024;

function toClient(res: ServerResponse, idle: number, source: Source, resolve: () => void, reject: (problem: Problem) => void): Sink {
  let waiting: NodeJS.Timeout | undefined;
  const onDrain = () => {
    clearTimeout(waiting);
    waiting = undefined;
    source.resume();
  };
  const onClose = () => {
    settle();
    const problem = new Problem('client-closed');
    source.abort(problem);
    reject(problem);
  };
  const settle = () => {
    clearTimeout(waiting);
    res.off('drain', onDrain).off('close', onClose).off('finish', onFinish);
  };
  const onFinish = () => {
    // HTTP/2 says so of a stream that was reset, too.
    if (!res.writableEnded) return onClose();
    settle();
    resolve();
  };
  res.on('drain', onDrain).on('close', onClose).on('finish', onFinish);
  return {
    data(chunk) {
      res.write(chunk);
      if (waiting || res.writableLength < BEHIND) return;
      source.pause();
      // A client that stops reading must not hold the service's connection for ever.
      waiting = setTimeout(() => cut(res), idle);
    },
    end(trailers) {
      if (trailers.length > 0) writeTrailers(res, trailers);
      // Counts from the last byte the client took, so that a slow one is served and one that stopped is not waited for.
      res.setTimeout(idle, () => cut(res));
      res.end();
    },
    fail(problem) {
      settle();
      cut(res);
      reject(problem);
    },
  };
}
