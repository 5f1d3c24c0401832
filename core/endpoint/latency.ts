/** How slow an endpoint is: an average over time that a peak takes over at once and that forgets it slowly. */

/** The time constant in milliseconds, as Finagle and linkerd have it: of what a peak added, 37 % is left after it. */
const TAU = 10_000;

/**
 * The peak-sensitive, exponentially weighted moving average of Finagle's `PeakEwma`. An observation above it becomes it; one
 * below draws it down by the time that has passed, not by the number of observations. Unobserved it decays to nothing, so
 * that an endpoint nobody dares to use is tried again. The decay is worked out when it is read: there is no timer, and
 * unlike Finagle's, reading changes nothing.
 */
export class PeakEwma {
  #value = 0;
  /** When it was last observed; undefined before it ever was. */
  #at: number | undefined;

  /** Takes in one round trip of `rtt` milliseconds that ended at `now`: an answer, or a failure after as long. */
  observe(rtt: number, now: number): void {
    const above = this.#at === undefined ? 0 : Math.max(0, this.#value - rtt) * Math.exp((this.#at - now) / TAU);
    this.#value = rtt + above;
    this.#at = now;
  }

  /** Milliseconds a round trip is feared to take at `now`; undefined before any observation. */
  cost(now: number): number | undefined {
    return this.#at === undefined ? undefined : this.#value * Math.exp((this.#at - now) / TAU);
  }
}
