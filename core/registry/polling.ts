/** Asks again and again, and keeps its last answer while it gets none: what every source that cannot be told of changes is made of. */
import type { Clock, Random } from '../clock.ts';
import { type Discovered, type Failure, NotYet } from './source.ts';

export interface PollingParts {
  /** Milliseconds from one answer to the next question. */
  readonly interval: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Part of the interval by which it varies either way, so that gateways do not ask in step. */
const JITTER = 0.1;

/** Milliseconds after a failure, unless the interval is shorter: what is stale should not be so for longer than it must. */
const SOON = 5_000;
/** The same after `NotYet`: a gateway that starts waits for it. */
const VERY_SOON = 1_000;

export class Polling<T = readonly Discovered[]> {
  answer: T | undefined;
  failure: Failure | undefined;
  readonly fixed = false;
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #parts: PollingParts;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #onChange = () => {};
  /** When the next question is due; undefined while one is under way. */
  #due: number | undefined;
  /** Milliseconds after the question under way within which the next is wanted. */
  #wanted = Number.POSITIVE_INFINITY;

  /** @param ask rejects when there is no answer, with `NotYet` when there is soon; ends early when the signal says so */
  constructor(ask: (signal: AbortSignal) => Promise<T>, parts: PollingParts) {
    this.#ask = ask;
    this.#parts = parts;
  }

  start(onChange: () => void): void {
    this.#onChange = onChange;
    void this.#run();
  }

  /** Asks within so many milliseconds, once however often this is called; after the question under way, where there is one. */
  soon(within: number): void {
    if (this.#due === undefined) this.#wanted = Math.min(this.#wanted, within);
    else if (this.#parts.clock.now() + within < this.#due) this.#askIn(within);
  }

  stop(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    const { interval, clock, random } = this.#parts;
    const { signal } = this.#over;
    this.#due = undefined;
    let soon = SOON;
    try {
      const answer = await this.#ask(signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      const isSoon = error instanceof NotYet;
      if (isSoon) soon = VERY_SOON;
      // What was known before, or failed, is stale all the same.
      if (!isSoon || this.answer !== undefined || this.failure)
        this.failure = { since: this.failure?.since ?? clock.now(), why: error instanceof Error ? error.message : String(error) };
    }
    const pause = this.failure || this.answer === undefined ? Math.min(interval, soon) : interval;
    this.#askIn(Math.min(this.#wanted, pause * (1 + JITTER * (2 * random() - 1))));
    this.#wanted = Number.POSITIVE_INFINITY;
    this.#onChange();
  }

  #askIn(milliseconds: number): void {
    if (this.#over.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#due = this.#parts.clock.now() + milliseconds;
    this.#timer = setTimeout(() => void this.#run(), milliseconds).unref();
  }
}
