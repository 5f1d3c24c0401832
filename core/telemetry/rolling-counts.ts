/** How often each of some named events happened lately. */
import { RollingWindow } from './rolling-window.ts';

export interface RollingOptions {
  /** Milliseconds looked back. */
  readonly window: number;
  /** In how many steps the window rolls on. */
  readonly buckets?: number;
}

interface Count {
  total: number;
  readonly buckets: Float64Array;
}

/**
 * Hystrix's rolling number (`metrics.rollingStats.timeInMilliseconds` and `.numBuckets`): what was added in the current,
 * partial bucket and in the `buckets` - 1 before it. Adding and summing cost the same however much is counted.
 */
export class RollingCounts<Name extends string> {
  readonly #counts: Readonly<Record<Name, Count>>;
  readonly #all: readonly Count[];
  readonly #window: RollingWindow;

  constructor(names: readonly Name[], { window, buckets = 10 }: RollingOptions) {
    this.#all = names.map(() => ({ total: 0, buckets: new Float64Array(buckets) }));
    this.#counts = Object.fromEntries(names.map((name, index) => [name, this.#all[index]])) as Record<Name, Count>;
    this.#window = new RollingWindow(window / buckets, buckets, (bucket) => {
      for (const count of this.#all) {
        count.total -= count.buckets[bucket] ?? 0;
        count.buckets[bucket] = 0;
      }
    });
  }

  /** @param now milliseconds of a clock that never goes back, as everywhere here. @param by a whole number */
  add(name: Name, now: number, by = 1): void {
    const bucket = this.#window.at(now);
    const count = this.#counts[name];
    count.total += by;
    count.buckets[bucket] = (count.buckets[bucket] ?? 0) + by;
  }

  sum(name: Name, now: number): number {
    this.#window.at(now);
    return this.#counts[name].total;
  }

  sums(now: number): Record<Name, number> {
    this.#window.at(now);
    return Object.fromEntries(Object.entries<Count>(this.#counts).map(([name, { total }]) => [name, total])) as Record<Name, number>;
  }

  /** Forgets everything. */
  reset(): void {
    for (const count of this.#all) {
      count.total = 0;
      count.buckets.fill(0);
    }
  }
}
