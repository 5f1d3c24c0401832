/** What a service's layers count, for the event stream, the state pages and the dashboard: Hystrix's command metrics. */
import { RollingCounts } from '../telemetry/rolling-counts.ts';
import { RollingMax } from '../telemetry/rolling-max.ts';
import { type Distribution, RollingPercentile } from '../telemetry/rolling-percentile.ts';

/** Hystrix's event types (`HystrixEventType`), as far as a gateway has them. */
export const serviceEvents = [
  'success',
  'failure',
  'timeout',
  'badRequest',
  'shortCircuited',
  'semaphoreRejected',
  'fallbackSuccess',
  'fallbackFailure',
  'fallbackMissing',
  'exceptionThrown',
  'responseFromCache',
  'cancelled',
] as const;
export type ServiceEvent = (typeof serviceEvents)[number];

/** Every time given to it is in milliseconds, of a clock that never goes back. */
export class ServiceStatistics {
  readonly #counts: RollingCounts<ServiceEvent>;
  readonly #concurrency: RollingMax;
  readonly #executed = new RollingPercentile();
  readonly #called = new RollingPercentile();
  #inFlight = 0;
  #mostInFlight = 0;
  #completed = 0;

  /** @param window how far back counts and concurrency go (`metrics.rollingStats.timeInMilliseconds`) */
  constructor(window = 10_000) {
    this.#counts = new RollingCounts(serviceEvents, { window });
    this.#concurrency = new RollingMax({ window });
  }

  count(event: ServiceEvent, now: number): void {
    this.#counts.add(event, now);
  }

  /** One try was answered, or failed, after so long (`latencyExecute`). */
  executed(milliseconds: number, now: number): void {
    this.#executed.add(milliseconds, now);
  }

  /** The whole call was, with its queueing, its further tries and the waits between them (`latencyTotal`). */
  called(milliseconds: number, now: number): void {
    this.#called.add(milliseconds, now);
  }

  /** A try took its place. */
  entered(now: number): void {
    this.#inFlight += 1;
    if (this.#inFlight > this.#mostInFlight) this.#mostInFlight = this.#inFlight;
    this.#concurrency.record(this.#inFlight, now);
  }

  /** A try gave its place back. */
  left(now: number): void {
    // What was under way until now counts for now, though nobody came.
    this.#concurrency.record(this.#inFlight, now);
    this.#inFlight -= 1;
    this.#completed += 1;
  }

  /** Tries that have a place. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The most there ever were at once. */
  get mostInFlight(): number {
    return this.#mostInFlight;
  }

  /** Tries that gave their place back, ever. */
  get completed(): number {
    return this.#completed;
  }

  /** How often each event was, in the window. */
  counts(now: number): Record<ServiceEvent, number> {
    return this.#counts.sums(now);
  }

  /** The most tries that had a place at once, in the window. */
  maxInFlight(now: number): number {
    return Math.max(this.#concurrency.max(now), this.#inFlight);
  }

  /** Of single tries, over the last minute. */
  executedLatencies(now: number): Distribution {
    return this.#executed.snapshot(now);
  }

  /** Of whole calls, over the last minute. */
  calledLatencies(now: number): Distribution {
    return this.#called.snapshot(now);
  }
}
