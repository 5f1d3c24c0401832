/** How often each of some named events happened lately. */
import { RollingCount, type RollingOptions } from './rolling-count.ts';

/** A rolling count for each of the names, all of one window. */
export class RollingCounts<Name extends string> {
  readonly #counts: Readonly<Record<Name, RollingCount>>;

  constructor(names: readonly Name[], options: RollingOptions) {
    this.#counts = Object.fromEntries(names.map((name) => [name, new RollingCount(options)])) as Record<Name, RollingCount>;
  }

  /** @param now milliseconds of a clock that never goes back, as everywhere here. @param by a whole number */
  add(name: Name, now: number, by = 1): void {
    this.#counts[name].add(now, by);
  }

  sum(name: Name, now: number): number {
    return this.#counts[name].sum(now);
  }

  sums(now: number): Record<Name, number> {
    const entries = Object.entries<RollingCount>(this.#counts).map(([name, count]) => [name, count.sum(now)]);
    return Object.fromEntries(entries) as Record<Name, number>;
  }

  /** Forgets everything. */
  reset(): void {
    for (const count of Object.values<RollingCount>(this.#counts)) count.reset();
  }
}
