/** What changed lately, for readers who have the rest already; each instance once, as it is now. */
import type { Lease } from './lease.ts';

/** `retentionTimeInMSInDeltaQueue` */
const RETENTION = 3 * 60_000;

/** Beyond this many the oldest is forgotten: a reader who lacks it sees another hash code, and fetches everything. */
const MOST = 10_000;

interface Recent {
  readonly lease: Lease;
  readonly at: number;
}

export class RecentChanges {
  readonly #recent = new Map<string, Recent>();

  /** @param key of the instance @param now of the clock */
  add(key: string, lease: Lease, now: number): void {
    // Put in anew, so that the map is in the order of time.
    this.#recent.delete(key);
    this.#recent.set(key, { lease, at: now });
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= MOST) break;
      this.#recent.delete(oldest);
    }
  }

  /** From the oldest to the newest. */
  since(now: number): Lease[] {
    for (const [key, { at }] of this.#recent) {
      if (now - at <= RETENTION) break;
      this.#recent.delete(key);
    }
    return Array.from(this.#recent.values(), ({ lease }) => lease);
  }
}
