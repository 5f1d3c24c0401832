/** How long things took lately: the mean and any percentile of a sample of the last minute. */
import { RollingWindow } from './rolling-window.ts';

/** What a sample says, in the unit of its values; 0 throughout when there are none. */
export interface Distribution {
  readonly mean: number;
  /** The value below which `p` percent lie, from 0 to 100: linear between the closest ranks, as Hystrix interpolates. */
  percentile(p: number): number;
}

/** Hystrix's `metrics.rollingPercentile.*`. */
export interface PercentileOptions {
  /** Milliseconds looked back (`timeInMilliseconds`). */
  readonly window?: number;
  /** In how many steps the window rolls on (`numBuckets`). */
  readonly buckets?: number;
  /** How many values a bucket keeps; of more, the newest (`bucketSize`). */
  readonly bucketSize?: number;
}

/**
 * Hystrix's rolling percentile. What it says is of the whole buckets before the current one, so it changes once a bucket and
 * is worked out once, when it is asked for. Unlike Hystrix's it keeps fractions, and after a silence as long as the window it
 * knows nothing rather than what was before.
 */
export class RollingPercentile {
  readonly #size: number;
  readonly #values: Float64Array;
  /** How many values were ever added to each bucket. */
  readonly #added: Float64Array;
  readonly #window: RollingWindow;
  #snapshot: Distribution | undefined;

  constructor({ window = 60_000, buckets = 6, bucketSize = 100 }: PercentileOptions = {}) {
    const ring = buckets + 1;
    this.#size = bucketSize;
    this.#values = new Float64Array(ring * bucketSize);
    this.#added = new Float64Array(ring);
    this.#window = new RollingWindow(window / buckets, ring, (bucket) => {
      this.#added[bucket] = 0;
      this.#snapshot = undefined;
    });
  }

  /** @param now milliseconds of a clock that never goes back */
  add(value: number, now: number): void {
    const bucket = this.#window.at(now);
    const added = this.#added[bucket] ?? 0;
    this.#values[bucket * this.#size + (added % this.#size)] = value;
    this.#added[bucket] = added + 1;
  }

  /** Of the window that ended when the current bucket began. */
  snapshot(now: number): Distribution {
    const current = this.#window.at(now);
    this.#snapshot ??= distribution(this.#valuesExceptIn(current));
    return this.#snapshot;
  }

  #valuesExceptIn(current: number): Float64Array {
    const sample = new Float64Array(this.#values.length);
    let length = 0;
    this.#added.forEach((added, bucket) => {
      if (bucket === current) return;
      const from = bucket * this.#size;
      const kept = Math.min(added, this.#size);
      sample.set(this.#values.subarray(from, from + kept), length);
      length += kept;
    });
    return sample.slice(0, length);
  }
}

function distribution(sample: Float64Array): Distribution {
  const sorted = sample.sort();
  const { length } = sorted;
  const last = sorted[length - 1] ?? 0;
  return {
    mean: length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / length,
    percentile(p) {
      const rank = (Math.max(0, p) / 100) * length;
      const low = Math.floor(rank);
      const below = sorted[low] ?? last;
      const above = sorted[low + 1] ?? last;
      return below + (rank - low) * (above - below);
    },
  };
}
