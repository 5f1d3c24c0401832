/** Who goes when leases have run out: a few at a time, and by lot. */
import type { Random } from '../clock.ts';
import { RENEWAL_PERCENT, SMALLEST } from './self-preservation.ts';

/** `evictionIntervalTimerInMs`: milliseconds that the limit of evictions is for. */
export const EVICTION_PERIOD = 60_000;

/**
 * Of a registry of a size, so many may go in a minute: what self preservation does not need.
 * @param strict as Eureka has it; else a registry too small for self preservation has no limit
 */
export function evictionLimit(size: number, strict: boolean): number {
  return !strict && size < SMALLEST ? size : size - Math.trunc(size * RENEWAL_PERCENT);
}

/** Some of the expired, at random: else whole applications would go first, in the order they stand in. */
export function drawn<T>(expired: readonly T[], count: number, random: Random): T[] {
  const pool = [...expired];
  const taken = Math.min(count, pool.length);
  for (let at = 0; at < taken; at += 1) {
    const other = at + Math.floor(random() * (pool.length - at));
    const [here, there] = [pool[at], pool[other]] as [T, T];
    pool[at] = there;
    pool[other] = here;
  }
  return pool.slice(0, taken);
}

/** Who goes, minute by minute: the limit is of each, however often somebody looks. */
export class Eviction {
  readonly #strict: boolean;
  readonly #random: Random;
  #period = { since: Number.NEGATIVE_INFINITY, gone: 0 };

  constructor(strict: boolean, random: Random) {
    this.#strict = strict;
    this.#random = random;
  }

  /** Of the expired as many as may still go in this minute. @param clients how many there are that are missed if they go */
  draw<T>(expired: readonly T[], clients: number, now: number): T[] {
    if (now - this.#period.since >= EVICTION_PERIOD) this.#period = { since: now, gone: 0 };
    const limit = evictionLimit(clients + this.#period.gone, this.#strict) - this.#period.gone;
    const gone = drawn(expired, Math.max(0, limit), this.#random);
    this.#period.gone += gone.length;
    return gone;
  }
}
