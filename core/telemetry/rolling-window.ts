/** The time behind every rolling statistic: a ring of buckets, the current one and those before it that still count. */

/**
 * Says in which bucket of a ring a moment falls, and has a bucket emptied before it is used anew. Buckets begin at multiples
 * of their width. A moment before the current bucket, were there one, counts to the current bucket, as in
 * HystrixRollingNumber.
 */
export class RollingWindow {
  readonly #width: number;
  readonly #buckets: number;
  readonly #begin: (bucket: number) => void;
  #index = -1;
  #current = 0;
  #end = 0;

  /**
   * @param width of a bucket in milliseconds
   * @param buckets in the ring
   * @param begin empties a bucket of the ring, of which it gets the number
   */
  constructor(width: number, buckets: number, begin: (bucket: number) => void) {
    this.#width = width;
    this.#buckets = buckets;
    this.#begin = begin;
  }

  /** The number of the current bucket, after those that are past were emptied. @param now milliseconds, not negative */
  at(now: number): number {
    if (now >= this.#end) this.#advance(now);
    return this.#current;
  }

  #advance(now: number): void {
    const index = Math.floor(now / this.#width);
    for (let begun = Math.max(this.#index, index - this.#buckets) + 1; begun <= index; begun += 1) this.#begin(begun % this.#buckets);
    this.#index = index;
    this.#current = index % this.#buckets;
    this.#end = (index + 1) * this.#width;
  }
}
