/** Asks again and again, and keeps its last answer while it gets none: what every source that cannot be told of changes is made of. */
import type { Clock, Random } from '../clock.ts';
import type { Discovered, Failure } from './source.ts';

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

export class Polling<T = readonly Discovered[]> {
  answer: T | undefined;
  failure: Failure | undefined;
  readonly fixed = false;
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #parts: PollingParts;
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** @param ask rejects when there is no answer; ends early when the signal says so */
  constructor(ask: (signal: AbortSignal) => Promise<T>, parts: PollingParts) {
    this.#ask = ask;
    this.#parts = parts;
  }

  start(onChange: () => void): void {
    void this.#run(onChange);
  }

  stop(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
  }

  async #run(onChange: () => void): Promise<void> {
    const { interval, clock, random } = this.#parts;
    const { signal } = this.#over;
    try {
      const answer = await this.#ask(signal);
      if (signal.aborted) return;
      this.answer = answer;
      this.failure = undefined;
    } catch (error) {
      if (signal.aborted) return;
      this.failure = { since: this.failure?.since ?? clock.now(), why: error instanceof Error ? error.message : String(error) };
    }
    const pause = this.failure ? Math.min(interval, SOON) : interval;
    this.#timer = setTimeout(() => void this.#run(onChange), pause * (1 + JITTER * (2 * random() - 1))).unref();
    onChange();
  }
}
