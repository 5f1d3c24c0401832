/** Whether a service may be called: Hystrix's circuit breaker, told the time and what each call came to. */
import { RollingCount } from '../telemetry/rolling-count.ts';

/** Hystrix's `circuitBreaker.*` and `metrics.rollingStats.timeInMilliseconds`. */
export interface BreakerOptions {
  /** Calls in the window below which it never opens (`requestVolumeThreshold`). */
  readonly requestVolume: number;
  /** The share of failures at which it opens, from 0 to 1 (`errorThresholdPercentage`). */
  readonly errorThreshold: number;
  /** Milliseconds looked back, in ten buckets. */
  readonly window: number;
  /** Milliseconds that it stays open before a trial (`sleepWindowInMilliseconds`). */
  readonly sleepWindow: number;
  /** Refuse every call, or none, and never change (`forceOpen`, `forceClosed`); calls are counted all the same. */
  readonly force?: 'open' | 'closed';
}

/** `until`: when, in milliseconds, a trial may start; `Infinity` when forced open. */
export type BreakerState =
  | { readonly state: 'closed' }
  | { readonly state: 'open'; readonly until: number }
  | { readonly state: 'half-open' };

/** What a call was let through as; it is handed back with what the call came to. */
export type Admission = 'call' | 'trial';

export type BreakerListener = (from: BreakerState['state'], to: BreakerState['state'], now: number) => void;

const CLOSED: BreakerState = { state: 'closed' };
const HALF_OPEN: BreakerState = { state: 'half-open' };

/**
 * Closed, it lets every call through, and opens when of at least `requestVolume` calls in the window a share of
 * `errorThreshold` failed. Open, it refuses every call; after the sleep window it lets one through as a trial and is
 * half-open until that has ended. It closes with an empty window when the trial succeeds and opens anew when not. What calls
 * come to that were let through before it opened is counted, and moves it no more.
 *
 * Of every call let through, exactly one of `success`, `failure`, `badRequest` and `ignored` must be told: a trial that is
 * never accounted for leaves it half-open. Every `now` is milliseconds of a clock that never goes back.
 *
 * Hystrix looks at the window twice a second, here it is looked at with every call. Hystrix compares whole percents, here the
 * exact share is compared: the same, but for products such as 0.29 * 100 that its rounding leaves below the whole percent.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #onChange: BreakerListener | undefined;
  readonly #successes: RollingCount;
  readonly #failures: RollingCount;
  #state: BreakerState;

  /** @param onChange hears of every change of state, when it has happened */
  constructor(options: BreakerOptions, onChange?: BreakerListener) {
    this.#options = options;
    this.#onChange = onChange;
    this.#successes = new RollingCount(options);
    this.#failures = new RollingCount(options);
    this.#state = options.force === 'open' ? { state: 'open', until: Number.POSITIVE_INFINITY } : CLOSED;
  }

  /** As it stood after the last call that was let through, refused or accounted for. */
  get state(): BreakerState {
    return this.#state;
  }

  /**
   * Lets a call through, as a trial perhaps, or refuses it: undefined.
   * @param reluctance milliseconds by which a trial may start later only: of a call that others are better trials than
   */
  admit(now: number, reluctance = 0): Admission | undefined {
    // Successes that leave the window can raise the share of failures to the threshold while nobody calls.
    if (this.#state === CLOSED) this.#openIfFailing(now);
    const admission = this.#admission(now, reluctance);
    if (admission === 'trial') this.#become(HALF_OPEN, now);
    return admission;
  }

  /** The same, and nothing changes. */
  wouldAdmit(now: number, reluctance = 0): Admission | undefined {
    return this.#state === CLOSED && this.#isFailing(now) ? undefined : this.#admission(now, reluctance);
  }

  #admission(now: number, reluctance: number): Admission | undefined {
    if (this.#state.state === 'closed') return 'call';
    return this.#state.state === 'half-open' || now < this.#state.until + reluctance ? undefined : 'trial';
  }

  success(admitted: Admission, now: number): void {
    if (admitted === 'trial') this.#close(now);
    else this.#count(this.#successes, now);
  }

  failure(admitted: Admission, now: number): void {
    this.#count(this.#failures, now);
    if (admitted === 'trial') this.#reopen(now);
  }

  /** The caller's mistake: it says nothing of the service, but that a trial was answered at all shows that it lives. */
  badRequest(admitted: Admission, now: number): void {
    if (admitted === 'trial') this.#close(now);
  }

  /** The caller did not wait for the answer. Of a trial nothing is known then, so that the next is a sleep window away. */
  ignored(admitted: Admission, now: number): void {
    if (admitted === 'trial') this.#reopen(now);
  }

  /**
   * Milliseconds until a trial may start; 0 when calls are let through. A sleep window while a trial is under way, which is
   * what its failure would mean, and when forced open, where none will ever.
   */
  retryAfter(now: number): number {
    const state = this.#state;
    if (state.state === 'closed') return 0;
    if (state.state === 'half-open' || this.#options.force) return this.#options.sleepWindow;
    return Math.max(0, state.until - now);
  }

  /** The calls in the window that were answered or failed, and those of them that failed. */
  health(now: number): { total: number; errors: number } {
    const errors = this.#failures.sum(now);
    return { total: this.#successes.sum(now) + errors, errors };
  }

  #count(outcomes: RollingCount, now: number): void {
    outcomes.add(now);
    if (this.#state === CLOSED) this.#openIfFailing(now);
  }

  #openIfFailing(now: number): void {
    if (this.#isFailing(now)) this.#open(now);
  }

  #isFailing(now: number): boolean {
    const { requestVolume, errorThreshold, force } = this.#options;
    const errors = this.#failures.sum(now);
    const total = this.#successes.sum(now) + errors;
    return total >= requestVolume && errors / total >= errorThreshold && !force;
  }

  #open(now: number): void {
    this.#become({ state: 'open', until: now + this.#options.sleepWindow }, now);
  }

  #reopen(now: number): void {
    if (this.#state === HALF_OPEN) this.#open(now);
  }

  #close(now: number): void {
    if (this.#state !== HALF_OPEN) return;
    this.#successes.reset();
    this.#failures.reset();
    this.#become(CLOSED, now);
  }

  #become(state: BreakerState, now: number): void {
    const from = this.#state.state;
    this.#state = state;
    this.#onChange?.(from, state.state, now);
  }
}
