/** How often each of some named events happened lately. */
import type { RollingOptions } from './rolling-count.ts';
import { RollingWindow } from './rolling-window.ts';

/** A rolling count (rolling-count.ts) for each of the names, all in one ring: they roll on together. */
export class RollingCounts<Name extends string> {
  readonly #names: readonly Name[];
  readonly #places: ReadonlyMap<Name, number>;
  /** The counts of the names, bucket after bucket. */
  readonly #buckets: Float64Array;
  /** Of each name, in all buckets. */
  readonly #totals: Float64Array;
  readonly #window: RollingWindow;
  /** Of all names together: of a ring that is empty nothing need be emptied. */
  #all = 0;

  constructor(names: readonly Name[], { window, buckets = 10 }: RollingOptions) {
    this.#names = names;
    this.#places = new Map(names.map((name, place) => [name, place]));
    this.#buckets = new Float64Array(buckets * names.length);
    this.#totals = new Float64Array(names.length);
    this.#window = new RollingWindow(window / buckets, buckets, (bucket) => this.#empty(bucket));
  }

  /** @param now milliseconds of a clock that never goes back, as everywhere here. @param by a whole number */
  add(name: Name, now: number, by = 1): void {
    const bucket = this.#window.at(now);
    const place = this.#placeOf(name);
    const at = bucket * this.#names.length + place;
    this.#buckets[at] = (this.#buckets[at] ?? 0) + by;
    this.#totals[place] = (this.#totals[place] ?? 0) + by;
    this.#all += by;
  }

  sum(name: Name, now: number): number {
    this.#window.at(now);
    return this.#totals[this.#placeOf(name)] ?? 0;
  }

  sums(now: number): Record<Name, number> {
    this.#window.at(now);
    const sums: Partial<Record<Name, number>> = {};
    for (const [place, name] of this.#names.entries()) sums[name] = this.#totals[place] ?? 0;
    return sums as Record<Name, number>;
  }

  /** Forgets everything. */
  reset(): void {
    this.#buckets.fill(0);
    this.#totals.fill(0);
    this.#all = 0;
  }

  #placeOf(name: Name): number {
    return this.#places.get(name) ?? 0;
  }

  #empty(bucket: number): void {
    if (this.#all === 0) return;
    const from = bucket * this.#names.length;
    for (let place = 0; place < this.#names.length; place += 1) {
      const past = this.#buckets[from + place] ?? 0;
      if (past === 0) continue;
      this.#buckets[from + place] = 0;
      this.#totals[place] = (this.#totals[place] ?? 0) - past;
      this.#all -= past;
    }
  }
}
