/** How often values of which size were recorded: the value of one series of a histogram. */
import type { Histogram } from '@opentelemetry/sdk-metrics';

export class Distribution {
  readonly #boundaries: readonly number[];
  readonly #counts: number[];
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** @param boundaries the upper bounds of the buckets, rising; a value on a bound belongs below it */
  constructor(boundaries: readonly number[]) {
    this.#boundaries = boundaries;
    this.#counts = new Array(boundaries.length + 1).fill(0);
  }

  record(value: number): void {
    let bucket = 0;
    while (value > (this.#boundaries[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Of each bucket by itself, as they are at every moment. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** As it is now: what is recorded later leaves it alone. */
  value(): Histogram {
    const buckets = { boundaries: [...this.#boundaries], counts: [...this.#counts] };
    return { buckets, count: this.#count, sum: this.#sum, min: this.#min, max: this.#max };
  }
}
