/**
 * A service's answer while it is still arriving. Nothing is read into a stream: the chunks go from the socket to the client
 * (`relay`), into one buffer (`collect`) or nowhere (`discard`), with backpressure towards the service. Exactly one of the
 * three must be called. What arrives before that is kept, up to a bound, so that a small answer that came in one packet
 * leaves in one write.
 */
import type { ServerResponse } from 'node:http';
import { Chain } from '../chain.ts';
import { giveBack } from '../http1/pieces.ts';
import { Problem } from '../problem.ts';
import type { Sink, Source } from './flow.ts';
import { writeHead } from './response-head.ts';
import { endWith, toClient } from './to-client.ts';

/** Bytes kept while nobody has said where they go. */
const KEPT = 64 * 1024;

const keep = (): void => {};

const nowhere: Source = { pause() {}, resume() {}, abort() {} };

export class UpstreamResponse {
  status: number;
  statusText: string;
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
  #whenDone: Chain<(problem?: Problem) => void> | undefined;
  #keep = KEPT;
  #viewing: readonly { readonly limit: number; readonly done: () => void }[] = [];
  #watcher: Sink | undefined;

  /** An answer that no service is giving: its body is whole. */
  static whole(status: number, headers: string[], body?: Buffer): UpstreamResponse {
    const response = new UpstreamResponse(status, '', headers, nowhere);
    if (body && body.length > 0) response.receive(body);
    response.complete([]);
    return response;
  }

  constructor(status: number, statusText: string, headers: string[], source: Source) {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    this.#source = source;
  }

  /** The transport's side: a chunk of the body. */
  receive(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#watcher?.data(chunk);
    if (this.#sink) {
      this.#sink.data(chunk);
      return;
    }
    this.#kept.push(chunk);
    if (this.bytes > this.#keep) this.#pause();
    for (const { limit, done } of this.#viewing) if (this.bytes > limit) done();
  }

  /** The transport's side: the body is whole. Trailer fields are flat. */
  complete(trailers: readonly string[]): void {
    this.#ended = trailers;
    this.#watcher?.end(trailers);
    this.#sink?.end(trailers);
    this.#endViews();
    this.#tellDone(undefined);
  }

  /** The transport's side: the answer was cut. */
  fail(problem: Problem): void {
    this.#failed = problem;
    this.#watcher?.fail(problem);
    this.#sink?.fail(problem);
    this.#endViews();
    this.#tellDone(problem);
  }

  /** Calls back when the service is done with the request: its answer is whole, or was cut, by the problem that is given then. */
  whenDone(callback: (problem?: Problem) => void): void {
    if (this.#ended || this.#failed) callback(this.#failed);
    else if (this.#whenDone) this.#whenDone.add(callback);
    else this.#whenDone = new Chain(callback);
  }

  /**
   * Writes the answer to the client.
   * @returns undefined where it was whole; otherwise it resolves when the last byte has been handed over
   * @throws Problem when the service broke its answer: before the head was written it can still become an answer of our
   * own; afterwards the client's connection has been cut, for a silent truncation would be a lie.
   */
  relay(res: ServerResponse, idle: number): Promise<void> | undefined {
    if (this.#failed) throw this.#failed;
    writeHead(res, this.status, this.statusText, this.headers);
    // What somebody watches is not the client's alone.
    const written = this.#watcher ? keep : giveBack;
    if (this.#ended !== undefined && this.#ended.length === 0) {
      endWith(res, this.#kept, written, idle);
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      this.#attach(toClient(res, { idle, source: this.#watched(), written }, resolve, reject));
    });
  }

  /**
   * The whole body, which `relay` writes all the same; undefined when it is larger, or still without an end when it is: then
   * nothing was lost, and the rest comes as it would have.
   *
   * @param limit bytes
   * @throws Problem when the service broke its answer
   */
  async view(limit: number): Promise<Buffer | undefined> {
    if (!this.#ended && !this.#failed && !this.#sink && this.bytes <= limit) {
      this.#keep = Math.max(this.#keep, limit);
      this.#resume();
      await new Promise<void>((done) => {
        this.#viewing = [...this.#viewing, { limit, done }];
      });
    }
    if (this.#failed) throw this.#failed;
    // What somebody takes already is not kept any more.
    if (this.#sink) return undefined;
    return this.#ended && this.bytes <= limit ? Buffer.concat(this.#kept) : undefined;
  }

  /** Before `relay`: shows the body to one more as it passes, from its beginning; `fail` also when it is given up. */
  watch(watcher: Sink): void {
    this.#watcher = this.#watcher ? both(this.#watcher, watcher) : watcher;
    for (const chunk of this.#kept) watcher.data(chunk);
    if (this.#ended) watcher.end(this.#ended);
    else if (this.#failed) watcher.fail(this.#failed);
  }

  /**
   * Hands the body to one who makes another answer of it, in place of `relay`.
   *
   * @returns the connection, for backpressure and for giving it up
   */
  into(sink: Sink): Source {
    this.#attach(sink);
    return this.#source;
  }

  /**
   * The whole body in memory.
   * @param limit bytes; one more and the answer is abandoned with `upstream-protocol-error`
   */
  async collect(limit: number): Promise<Buffer> {
    if (this.#failed) throw this.#failed;
    const tooLarge = new Problem('upstream-protocol-error', { detail: `The answer is larger than ${limit} bytes.` });
    const chunks: Buffer[] = [];
    let bytes = 0;
    return new Promise((resolve, reject) => {
      this.#attach({
        data: (chunk) => {
          bytes += chunk.length;
          if (bytes <= limit) chunks.push(chunk);
          else this.#source.abort(tooLarge);
        },
        // What had come whole before it was asked for is not aborted any more.
        end: () => (bytes <= limit ? resolve(Buffer.concat(chunks)) : reject(tooLarge)),
        fail: reject,
      });
    });
  }

  /** Gives the answer up; its connection is closed unless the answer is whole already. */
  discard(): void {
    this.#kept = [];
    this.#sink = { data: () => {}, end: () => {}, fail: () => {} };
    this.#endViews();
    if (this.#ended === undefined && !this.#failed) this.#source.abort(new Problem('client-closed'));
  }

  /** The source, whose watcher hears that it is paused. */
  #watched(): Source {
    const source = this.#source;
    const paused = this.#watcher?.paused;
    if (!paused) return source;
    return {
      pause() {
        paused();
        source.pause();
      },
      resume: () => source.resume(),
      abort: (reason) => source.abort(reason),
    };
  }

  #attach(sink: Sink): void {
    this.#sink = sink;
    this.#endViews();
    const kept = this.#kept;
    this.#kept = [];
    // Before the sink has any of it: it may be one that pauses at once.
    if (!this.#ended && !this.#failed) this.#resume();
    for (const chunk of kept) sink.data(chunk);
    if (this.#ended) sink.end(this.#ended);
    else if (this.#failed) sink.fail(this.#failed);
  }

  #tellDone(problem: Problem | undefined): void {
    const waiting = this.#whenDone;
    this.#whenDone = undefined;
    waiting?.each((callback) => callback(problem));
  }

  #endViews(): void {
    for (const { done } of this.#viewing) done();
    this.#viewing = [];
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#source.resume();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#source.pause();
  }
}

const both = (one: Sink, other: Sink): Sink => ({
  data(chunk) {
    one.data(chunk);
    other.data(chunk);
  },
  end(trailers) {
    one.end(trailers);
    other.end(trailers);
  },
  fail(problem) {
    one.fail(problem);
    other.fail(problem);
  },
});
