/**
 * How long things took, as HdrHistogram counts it: each octave of values in 64 buckets of equal width, so that whatever is read
 * out is within 0.8 % of what was recorded, from a microsecond to more than an hour. Kept are the octaves that hold something, for
 * there are thousands of these at once and most hold little.
 */

/** Of an octave, as a power of two. */
const STEPS = 6;

/** Milliseconds: 2^-10, about a microsecond. All below is one bucket, as is all above 2^22, which is more than an hour. */
const LOWEST = 2 ** -10;
const OCTAVES = 32;

/** Buckets there may be. */
const BUCKETS = OCTAVES << STEPS;

const double = new Float64Array(1);
const words = new Uint32Array(double.buffer);
const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const FIRST = bits(LOWEST);

/** The exponent and the first steps of the mantissa: that is what a logarithm with linear steps is. */
function bits(value: number): number {
  double[0] = value;
  return (words[HIGH] ?? 0) >>> (20 - STEPS);
}

function bucketOf(milliseconds: number): number {
  // Also for what is no number.
  if (!(milliseconds > LOWEST)) return 0;
  return Math.min(bits(milliseconds) - FIRST, BUCKETS - 1);
}

/** The middle of a bucket. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  const octave = LOWEST * 2 ** (bucket >> STEPS);
  return octave * (1 + ((bucket & ((1 << STEPS) - 1)) + 0.5) / (1 << STEPS));
}

/** Values that are kept as they come, one by one: a list of so many is smaller than the buckets of a few octaves. */
const FEW = 128;

/** As many as two bytes can count. */
const NARROW = 0xffff;

type Counts = Uint16Array | Uint32Array;

export class Latencies {
  /** The bucket of each value, while they are few. */
  #few: number[] | undefined;
  /** Whole octaves, from the lowest that holds something to the highest; undefined while they are few. */
  #counts: Counts | undefined;
  /** The bucket that `#counts` begins with. */
  #from = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  record(milliseconds: number): void {
    if (milliseconds < this.#min) this.#min = milliseconds;
    if (milliseconds > this.#max) this.#max = milliseconds;
    this.#count(bucketOf(milliseconds), 1);
  }

  /** Takes in what another has recorded. */
  add(other: Latencies): void {
    if (other.#min < this.#min) this.#min = other.#min;
    if (other.#max > this.#max) this.#max = other.#max;
    if (other.#few) for (const bucket of other.#few) this.#count(bucket, 1);
    const counts = other.#counts;
    if (!counts) return;
    if (!this.#counts && !this.#few) {
      this.#counts = counts.slice();
      this.#from = other.#from;
      return;
    }
    this.#reach(this.#counts ?? this.#spread(), other.#from, other.#from + counts.length - 1);
    for (let cell = 0; cell < counts.length; cell += 1) {
      const times = counts[cell];
      if (times) this.#count(other.#from + cell, times);
    }
  }

  addTo(sum: LatencySum): void {
    sum.bound(this.#min, this.#max);
    if (this.#few) sum.countEach(this.#few);
    if (this.#counts) sum.countAll(this.#from, this.#counts);
  }

  clear(): void {
    this.#few = undefined;
    this.#counts = undefined;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }

  #count(bucket: number, times: number): void {
    if (!this.#counts && times === 1) {
      // Most have a single value, for which a list that was empty first would make room for many.
      if (!this.#few) {
        this.#few = [bucket];
        return;
      }
      if (this.#few.length < FEW) {
        this.#few.push(bucket);
        return;
      }
    }
    let counts = this.#counts ?? this.#spread();
    if (bucket < this.#from || bucket >= this.#from + counts.length) counts = this.#reach(counts, bucket, bucket);
    const cell = bucket - this.#from;
    const sum = (counts[cell] ?? 0) + times;
    if (sum > NARROW && counts instanceof Uint16Array) {
      counts = new Uint32Array(counts);
      this.#counts = counts;
    }
    counts[cell] = sum;
  }

  /** They are no longer few. */
  #spread(): Counts {
    const few = this.#few ?? [];
    this.#few = undefined;
    this.#from = 0;
    const counts = this.#reach(new Uint16Array(0), Math.min(...few), Math.max(...few));
    for (const bucket of few) counts[bucket - this.#from] = (counts[bucket - this.#from] ?? 0) + 1;
    return counts;
  }

  /** All octaves from that of one bucket to that of another, and what was there before. */
  #reach(counts: Counts, lowest: number, highest: number): Counts {
    const empty = counts.length === 0;
    const from = octaveOf(empty ? lowest : Math.min(lowest, this.#from));
    const to = octaveOf(empty ? highest : Math.max(highest, this.#from + counts.length - 1)) + (1 << STEPS);
    if (!empty && from === this.#from && to === from + counts.length) return counts;
    const grown = counts instanceof Uint16Array ? new Uint16Array(to - from) : new Uint32Array(to - from);
    grown.set(counts, empty ? 0 : this.#from - from);
    this.#from = from;
    this.#counts = grown;
    return grown;
  }
}

/** The first bucket of its octave. */
function octaveOf(bucket: number): number {
  return (bucket >> STEPS) << STEPS;
}

/** The sum of many, in milliseconds: made once, and used for one reading after the other. */
export class LatencySum {
  readonly #counts = new Uint32Array(BUCKETS);
  /** Of each octave, so that a reading passes over most of them. */
  readonly #octaves = new Uint32Array(OCTAVES);
  #total = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  countEach(buckets: readonly number[]): void {
    const sums = this.#counts;
    const octaves = this.#octaves;
    for (let at = 0; at < buckets.length; at += 1) {
      const bucket = buckets[at] as number;
      sums[bucket] = (sums[bucket] as number) + 1;
      octaves[bucket >> STEPS] = (octaves[bucket >> STEPS] as number) + 1;
    }
    this.#total += buckets.length;
  }

  /** @param from the first bucket of an octave @param counts of whole octaves */
  countAll(from: number, counts: Counts): void {
    const sums = this.#counts;
    const octaves = this.#octaves;
    for (let first = 0; first < counts.length; first += 1 << STEPS) {
      let sum = 0;
      for (let cell = first; cell < first + (1 << STEPS); cell += 1) {
        const times = counts[cell] as number;
        sums[from + cell] = (sums[from + cell] as number) + times;
        sum += times;
      }
      const octave = (from + first) >> STEPS;
      octaves[octave] = (octaves[octave] as number) + sum;
      this.#total += sum;
    }
  }

  bound(min: number, max: number): void {
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
  }

  get max(): number | null {
    return this.#total === 0 ? null : this.#max;
  }

  /**
   * The values that so many percent of all do not exceed, by the nearest rank: one that was recorded, but for the width of its
   * bucket. Null when there is none.
   *
   * @param percents above 0 and up to 100
   */
  percentiles(percents: readonly number[]): (number | null)[] {
    return percents.map((percent) => (this.#total === 0 ? null : this.#ranked(Math.ceil((percent * this.#total) / 100))));
  }

  #ranked(rank: number): number {
    // The last of all is known exactly.
    if (rank >= this.#total) return this.#max;
    let left = rank;
    let octave = 0;
    for (; left > (this.#octaves[octave] as number); octave += 1) left -= this.#octaves[octave] as number;
    let bucket = octave << STEPS;
    for (; left > (this.#counts[bucket] as number); bucket += 1) left -= this.#counts[bucket] as number;
    return Math.min(Math.max(middleOf(bucket), this.#min), this.#max);
  }

  clear(): void {
    for (let octave = 0; octave < OCTAVES; octave += 1) {
      if (this.#octaves[octave] === 0) continue;
      this.#counts.fill(0, octave << STEPS, (octave + 1) << STEPS);
      this.#octaves[octave] = 0;
    }
    this.#total = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }
}
