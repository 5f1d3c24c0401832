/** How often something happened lately. */
import { RollingWindow } from './rolling-window.ts';

export interface RollingOptions {
  /** Milliseconds looked back. */
  readonly window: number;
  /** In how many steps the window rolls on. */
  readonly buckets?: number;
}

/**
 * Hystrix's rolling number (`metrics.rollingStats.timeInMilliseconds` and `.numBuckets`): what was added in the current,
 * partial bucket and in the `buckets` - 1 before it. Adding and summing cost the same however much is counted.
 */
export class RollingCount {
  readonly #buckets: Float64Array;
  readonly #window: RollingWindow;
  #total = 0;

  constructor({ window, buckets = 10 }: RollingOptions) {
    this.#buckets = new Float64Array(buckets);
    this.#window = new RollingWindow(window / buckets, buckets, (bucket) => {
      this.#total -= this.#buckets[bucket] ?? 0;
      this.#buckets[bucket] = 0;
    });
  }

  /** @param now milliseconds of a clock that never goes back, as everywhere here. @param by a whole number */
  add(now: number, by = 1): void {
    const bucket = this.#window.at(now);
    this.#total += by;
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + by;
  }

  sum(now: number): number {
    this.#window.at(now);
    return this.#total;
  }

  /** Forgets everything. */
  reset(): void {
    this.#total = 0;
    this.#buckets.fill(0);
  }
}
