/**
 * The adaptive limit of tries under way at a service: Gradient2 of Netflix's concurrency-limits. Every window of samples gives
 * a short average of the time a try takes. As long as it is no longer than the long average the limit grows by what may
 * queue; when it is longer, tries wait for one another in the service, and the limit shrinks by as much.
 *
 * What differs from Gradient2, and why (test/load/adaptive-limit.ts shows both):
 * - There the long average learns from every window. Under lasting overload it follows the short one, so that waiting comes
 *   to look usual, and the limit climbs to its maximum. Here it learns from windows that did not need half of the limit, and,
 *   when there are none, from a probe now and then: a moment at three quarters of the limit. Whatever the service waits for,
 *   tries are then quicker than at the whole limit, and when they are not, nothing waits.
 * - There a tolerance of 1.5 makes up for a long average of unknown age, and lets half as many tries again wait as are served.
 *   The one here is known, and there is none.
 * - There 4 may queue, whatever the limit. Here it is the square root of the limit (as in Envoy's gradient controller), which
 *   is the same at the first limit of 20. An average of as many samples as the limit strays by about as much, so that a large
 *   limit is not worn down by chance, nor takes minutes to grow.
 * - A try that was dropped counts as twice the usual time at least: a service that refuses quickly is not a quick one.
 */
import type { Limit } from './bulkhead.ts';

export interface GradientLimitOptions {
  /** The lowest limit, and the first (`minLimit`, `initialLimit`: 20). */
  min: number;
  /** The highest (`maxConcurrency`). */
  max: number;
}

/** How much of a new estimate is taken over (`smoothing`). */
const SMOOTHING = 0.2;
/** A gradient below is the fault of outliers. */
const STEEPEST = 0.5;
/** The windows that the long average remembers (`longWindow`), and those at first of which it is the plain average. */
const LONG_WINDOW = 600;
const WARM_UP = 10;
/** A window has at least this many samples (`windowSize`), and takes two tries' time within these bounds, in milliseconds. */
const SAMPLES = 10;
const SHORTEST = 100;
const LONGEST = 10_000;
/** A probe is due after this many windows that needed half of the limit or more. */
const PROBE_AFTER = 50;
/** The share of the limit that a probe leaves, and how much of what it measures is taken over. */
const PROBE_SHARE = 0.75;
const PROBE_WEIGHT = 0.5;
/** Windows that pass at the probe's limit before it measures, until tries begun before it are gone, and that it measures. */
const PROBE_WINDOWS = 2;

type Phase = 'adjusting' | 'settling' | 'measuring';

export class GradientLimit implements Limit {
  readonly #min: number;
  readonly #max: number;
  #estimate: number;
  #current: number;
  #long = 0;
  #learned = 0;
  #phase: Phase = 'adjusting';
  #sinceProbe = 0;
  // The window's samples.
  #count = 0;
  #sum = 0;
  #mostInFlight = 0;
  #endsAt = 0;

  constructor({ min, max }: GradientLimitOptions) {
    this.#min = min;
    this.#max = max;
    this.#estimate = min;
    this.#current = min;
  }

  /** Tries that may be under way at once, an integer. */
  current(): number {
    return this.#current;
  }

  /**
   * A try has ended, and it says something of the service (not one that its client cancelled).
   * @param rtt milliseconds it took
   * @param inFlight tries that were under way when it began or when it ended, itself included
   * @param dropped whether it timed out, or the service refused it for load
   * @param now milliseconds
   */
  observe(rtt: number, inFlight: number, dropped: boolean, now: number): void {
    if (this.#count === 0) this.#endsAt = now + this.#windowLength();
    this.#count += 1;
    this.#sum += dropped ? Math.max(rtt, 2 * this.#long) : rtt;
    if (inFlight > this.#mostInFlight) this.#mostInFlight = inFlight;
    if (now >= this.#endsAt && this.#count >= SAMPLES) this.#endWindow();
  }

  #windowLength(): number {
    const length = Math.min(LONGEST, Math.max(SHORTEST, 2 * this.#long));
    return this.#phase === 'adjusting' ? length : PROBE_WINDOWS * length;
  }

  #endWindow(): void {
    const short = this.#sum / this.#count;
    const needed = this.#mostInFlight >= this.#estimate / 2;
    this.#count = 0;
    this.#sum = 0;
    this.#mostInFlight = 0;
    if (this.#phase === 'settling') this.#phase = 'measuring';
    else if (this.#phase === 'measuring') {
      this.#long += (short - this.#long) * PROBE_WEIGHT;
      this.#phase = 'adjusting';
    } else {
      this.#learn(short, needed);
      if (needed) this.#adjust(short);
    }
    this.#current = Math.floor(this.#phase === 'adjusting' ? this.#estimate : Math.max(this.#min, this.#estimate * PROBE_SHARE));
  }

  #learn(short: number, needed: boolean): void {
    if (this.#learned < WARM_UP) {
      this.#learned += 1;
      this.#long += (short - this.#long) / this.#learned;
    } else if (!needed) this.#long += ((short - this.#long) * 2) / (LONG_WINDOW + 1);
    // What is left of a slow time is forgotten sooner than by averaging.
    if (this.#long > 2 * short) this.#long *= 0.95;
  }

  #adjust(short: number): void {
    const gradient = short > this.#long ? Math.max(STEEPEST, this.#long / short) : 1;
    const wanted = this.#estimate * gradient + Math.sqrt(this.#estimate);
    this.#estimate += (wanted - this.#estimate) * SMOOTHING;
    this.#estimate = Math.max(this.#min, Math.min(this.#max, this.#estimate));
    this.#sinceProbe += 1;
    if (this.#sinceProbe < PROBE_AFTER) return;
    this.#sinceProbe = 0;
    this.#phase = 'settling';
  }
}
