/**
 * How many tries beyond the first a service may be sent: a share of the requests that were in flight in the last seconds, so
 * that retries help where a few fail and never multiply the load of a service that fails altogether. Looking back a little
 * lets all requests be tried again that one dying endpoint had under way at that moment (Finagle's and linkerd's way); a share
 * of this very instant's (Envoy's) would refuse most of them.
 */
import { RollingCounts } from '../telemetry/rolling-counts.ts';

/** Milliseconds looked back. */
const WINDOW = 10_000;
/** Tries that are always granted within the window (Envoy's `min_retry_concurrency`). */
const FLOOR = 3;

export class RetryBudget {
  readonly #share: number;
  readonly #counts = new RollingCounts(['requests', 'retries'], { window: WINDOW });

  /** @param share of the requests, from 0 to 1 */
  constructor(share: number) {
    this.#share = share;
  }

  /** A request has come. @param now milliseconds, as everywhere here */
  deposit(now: number): void {
    this.#counts.add('requests', now);
  }

  /** Takes one retry out of the budget, if there is one left. */
  withdraw(now: number): boolean {
    if (this.balance(now) < 1) return false;
    this.#counts.add('retries', now);
    return true;
  }

  /** Retries left now. */
  balance(now: number): number {
    const granted = Math.max(FLOOR, this.#share * this.#counts.sum('requests', now));
    return Math.max(0, Math.floor(granted) - this.#counts.sum('retries', now));
  }
}
