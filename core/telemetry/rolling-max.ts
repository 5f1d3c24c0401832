/** The highest that a gauge stood lately. */
import type { RollingOptions } from './rolling-count.ts';
import { RollingWindow } from './rolling-window.ts';

/**
 * The highest of the values recorded in the current bucket and those before it, as Hystrix's
 * `rollingMaxConcurrentExecutionCount` is: 0 when none was, even if the gauge has stood still above it since.
 */
export class RollingMax {
  readonly #highest: Float64Array;
  readonly #window: RollingWindow;

  constructor({ window, buckets = 10 }: RollingOptions) {
    this.#highest = new Float64Array(buckets);
    this.#window = new RollingWindow(window / buckets, buckets, (bucket) => {
      this.#highest[bucket] = 0;
    });
  }

  /** @param value not negative. @param now milliseconds of a clock that never goes back */
  record(value: number, now: number): void {
    const bucket = this.#window.at(now);
    if (value > (this.#highest[bucket] ?? 0)) this.#highest[bucket] = value;
  }

  max(now: number): number {
    this.#window.at(now);
    return Math.max(...this.#highest);
  }
}
