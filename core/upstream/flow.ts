/** The two ends of a body under way. */
import type { Problem } from '../problem.ts';

/** What the transport offers of the connection (http1/controller.ts has this shape). */
export interface Source {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Where a body goes. Its methods are called in this order, the first any number of times, one of the others once. */
export interface Sink {
  data(chunk: Buffer): void;
  /** @param trailers flat */
  end(trailers: readonly string[]): void;
  fail(problem: Problem): void;
  /** Of one who watches: whoever the body goes to reads more slowly than it comes. */
  paused?(): void;
}
