/**
 * When heartbeats fail to come from many instances at once, it is the network and not they: nobody is evicted then
 * (Eureka's self preservation, `renewalPercentThreshold` 0.85).
 */
import { RollingCount } from '../telemetry/rolling-count.ts';

/** Milliseconds looked back: a minute, and the bucket that has just begun, so that the minute is always whole. */
const WINDOW = 62_000;

/** `renewalPercentThreshold` */
export const RENEWAL_PERCENT = 0.85;

/**
 * Below so many instances one that dies looks like the network: with 6, a single loss is more than 15 %. Eureka never lets go
 * of anything then.
 */
export const SMALLEST = 10;

export class SelfPreservation {
  readonly #renewals = new RollingCount({ window: WINDOW, buckets: 31 });
  readonly #strict: boolean;
  #clients = 0;
  /** Heartbeats a minute, by what each instance said of its interval. */
  #expected = 0;

  /** @param strict as Eureka has it: for any number of instances, each taken to renew every 30 s */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Instances that are to be heard of. */
  get clients(): number {
    return this.#clients;
  }

  /** @param renewalInterval seconds between two heartbeats of the instance that came */
  joined(renewalInterval: number): void {
    this.#clients += 1;
    this.#expected += this.#perMinute(renewalInterval);
  }

  left(renewalInterval: number): void {
    this.#clients -= 1;
    this.#expected -= this.#perMinute(renewalInterval);
  }

  renewed(now: number): void {
    this.#renewals.add(now);
  }

  /** Heartbeats in the last minute. */
  renewals(now: number): number {
    return this.#renewals.sum(now);
  }

  /** Heartbeats in a minute at or below which nobody is evicted. */
  get threshold(): number {
    return Math.trunc(this.#expected * RENEWAL_PERCENT);
  }

  /** Whether leases may expire. */
  allowsEviction(now: number): boolean {
    if (!this.#strict && this.#clients < SMALLEST) return true;
    return this.threshold > 0 && this.renewals(now) > this.threshold;
  }

  #perMinute(renewalInterval: number): number {
    return 60 / (this.#strict ? 30 : renewalInterval);
  }
}
