/**
 * How many places of a service are kept free for requests of a higher priority: as many as those lately needed.
 *
 * Suppose every other place were taken, as it is under overload. Then a comer of a higher class takes one of those kept for
 * it, and every place that anybody gives back is kept again, until all are. The deepest that comers went in the last ten
 * seconds is how many places had to be kept for all of them to get in, whether they come evenly or in bursts, whatever the
 * limit is. Without higher classes it is none, and the others may use the whole limit.
 */
import type { Priority } from '../config/schema/routes.ts';

export type { Priority };

/** A class by its rank: 0 is the highest. */
export const ranks: Readonly<Record<Priority, number>> = { critical: 0, normal: 1, background: 2 };

/** Milliseconds. What is remembered is this period and the one before it: of the last 5 to 10 seconds. */
const PERIOD = 5_000;

/** How high a count was lately. */
interface Peak {
  now: number;
  current: number;
  earlier: number;
}

const peak = (): Peak => ({ now: 0, current: 0, earlier: 0 });

export class Reserve {
  /** For the comers of a rank: how deep those of higher ranks went into the places kept for them. */
  readonly #depth: readonly [Peak, Peak, Peak] = [peak(), peak(), peak()];
  /** The places that the requests of a rank have. */
  readonly #held: readonly [Peak, Peak, Peak] = [peak(), peak(), peak()];
  #period = 0;

  /** A request came; whether it gets a place is not decided yet. */
  came(rank: number, now: number): void {
    this.#advance(now);
    if (rank < 1) raise(this.#depth[1]);
    if (rank < 2) raise(this.#depth[2]);
  }

  /** It has a place. */
  entered(rank: number): void {
    raise(this.#heldBy(rank));
  }

  /** It gave its place back. */
  left(rank: number, now: number): void {
    this.#advance(now);
    this.#heldBy(rank).now -= 1;
    if (this.#depth[1].now > 0) this.#depth[1].now -= 1;
    if (this.#depth[2].now > 0) this.#depth[2].now -= 1;
  }

  /**
   * The places that a comer of this rank must leave free: never more than half of the limit, nor than would bring the higher
   * classes one above the most that they lately had.
   */
  places(rank: number, limit: number): number {
    const depth = rank === 0 ? 0 : highest(rank === 1 ? this.#depth[1] : this.#depth[2]);
    if (depth === 0) return 0;
    const missing = missingOf(this.#held[0]) + (rank === 2 ? missingOf(this.#held[1]) : 0);
    return Math.min(depth, missing, Math.floor(limit / 2));
  }

  #heldBy(rank: number): Peak {
    return rank === 0 ? this.#held[0] : rank === 1 ? this.#held[1] : this.#held[2];
  }

  #advance(now: number): void {
    const period = Math.floor(now / PERIOD);
    if (period === this.#period) return;
    const adjoins = period === this.#period + 1;
    this.#period = period;
    for (const peaks of [this.#depth, this.#held]) {
      for (const one of peaks) {
        one.earlier = adjoins ? one.current : one.now;
        one.current = one.now;
      }
    }
  }
}

function raise(one: Peak): void {
  one.now += 1;
  if (one.now > one.current) one.current = one.now;
}

function highest({ current, earlier }: Peak): number {
  return current > earlier ? current : earlier;
}

function missingOf(held: Peak): number {
  return highest(held) + 1 - held.now;
}
