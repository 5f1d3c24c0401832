/** Envoy's outlier ejection: an endpoint that fails again and again is left alone for a while, then tried by a single request. */

export interface OutlierOptions {
  /** Failures in a row that eject. */
  consecutiveErrors: number;
  /** Milliseconds available without an ejection that take one off the number of times. */
  interval: number;
  /** Milliseconds of the first ejection; the second lasts twice as long, and so on. */
  baseEjection: number;
  /** The fraction of the endpoints, 0 to 1, that may be ejected at once. */
  maxEjected: number;
  /** Availability is ignored when a smaller fraction of the endpoints than this is available. */
  panicThreshold: number;
}

export type EjectionReason = 'consecutive-errors' | 'failed-probe';

export interface OutlierEvents<E> {
  /** @param duration milliseconds until it is due for a probe */
  onEjected(endpoint: E, duration: number, reason: EjectionReason): void;
  onReturned(endpoint: E): void;
  /** Told when so few are available that all are offered, and when that is over. */
  onPanic(panics: boolean, available: number): void;
}

/** What ejection needs to know of an endpoint. */
export interface Watched {
  readonly outlier: Outlier;
  /** What active checks say. */
  readonly healthy: boolean;
  /** Healthy, and not ejected, and not draining. */
  readonly available: boolean;
  /** To be left alone, also where all others are bad. */
  readonly draining: boolean;
}

type State = { readonly is: 'available' } | { readonly is: 'ejected' | 'probing'; readonly until: number };

const AVAILABLE: State = { is: 'available' };

/** Milliseconds of the longest ejection, unless the first is longer (Envoy's `max_ejection_time`). */
const LONGEST = 300_000;

/** What one endpoint has done so far. Only its detector changes it. */
export class Outlier {
  state: State = AVAILABLE;
  /** The detector whose word on it counts: that of the list that it joined last. */
  watchedBy: object | undefined;
  consecutiveErrors = 0;
  /** Ejections so far, less those forgotten. */
  times = 0;
  /** When it was last new or brought back, in milliseconds. */
  availableSince: number;

  constructor(now: number) {
    this.availableSince = now;
  }

  /** Also while its probe is under way. */
  get ejected(): boolean {
    return this.state !== AVAILABLE;
  }
}

/**
 * Watches the endpoints of one service. Unlike Envoy's, an ejected endpoint does not come back with the time alone: one
 * request must succeed there first. All times are milliseconds of one monotonic clock.
 */
export class OutlierDetector<E extends Watched> {
  readonly #options: OutlierOptions;
  readonly #events: OutlierEvents<E>;
  #endpoints: readonly E[] = [];
  #panics = false;
  #ejected: E[] = [];

  constructor(options: OutlierOptions, events: OutlierEvents<E>) {
    this.#options = options;
    this.#events = events;
  }

  /** How many are ejected now. */
  get ejected(): number {
    return this.#ejected.length;
  }

  /** Takes over the endpoints as discovery has them now, from another detector perhaps; what is too many of the fewer comes back. */
  watch(endpoints: readonly E[], now: number): void {
    this.#endpoints = endpoints;
    for (const { outlier } of endpoints) outlier.watchedBy = this;
    this.#ejected = endpoints.filter(({ outlier }) => outlier.ejected);
    for (const endpoint of this.#ejected.slice(0, Math.max(0, this.#ejected.length - this.#allowed()))) this.#bringBack(endpoint, now);
  }

  /** @param probe whether the request was the one that `probe` let through */
  success(endpoint: E, now: number, probe = false): void {
    const watcher = this.#watcherOf(endpoint);
    if (watcher !== this) {
      watcher.success(endpoint, now, probe);
      return;
    }
    endpoint.outlier.consecutiveErrors = 0;
    if (probe && endpoint.outlier.state.is === 'probing') this.#bringBack(endpoint, now);
  }

  /** @param probe whether the request was the one that `probe` let through */
  failure(endpoint: E, now: number, probe = false): void {
    const watcher = this.#watcherOf(endpoint);
    if (watcher !== this) {
      watcher.failure(endpoint, now, probe);
      return;
    }
    const { outlier } = endpoint;
    if (outlier.state.is === 'available') {
      outlier.consecutiveErrors += 1;
      if (outlier.consecutiveErrors >= this.#options.consecutiveErrors) this.#ejectIfAllowed(endpoint, now);
    } else if (probe && outlier.state.is === 'probing') {
      if (this.#ejected.includes(endpoint)) this.#eject(endpoint, now, 'failed-probe');
      else this.release(endpoint);
    }
  }

  /** The one endpoint whose time is up and that nobody is trying: the next request should `probe` it. */
  due(now: number): E | undefined {
    for (const endpoint of this.#ejected) {
      const { state } = endpoint.outlier;
      if (state.is === 'ejected' && state.until <= now && endpoint.healthy && !endpoint.draining) return endpoint;
    }
    return undefined;
  }

  /** Claims the probe of an endpoint that is due; whoever claims it owes a `success`, a `failure` or a `release`. */
  probe(endpoint: E): void {
    const { outlier } = endpoint;
    if (outlier.state.is === 'ejected') outlier.state = { is: 'probing', until: outlier.state.until };
  }

  /** The probe came to nothing, such as when the client left: the next request may be it. */
  release(endpoint: E): void {
    const { outlier } = endpoint;
    if (outlier.state.is === 'probing') outlier.state = { is: 'ejected', until: outlier.state.until };
  }

  /** The available ones among these, or in panic all that do not drain. The same array when all are offered. */
  offered(endpoints: readonly E[]): readonly E[] {
    const available = availableOf(endpoints);
    const panics = this.#wouldPanic(endpoints, available);
    if (panics !== this.#panics) {
      this.#panics = panics;
      this.#events.onPanic(panics, available);
    }
    return offeredOf(endpoints, available, panics);
  }

  /** A try may end when another list has its endpoint. */
  #watcherOf({ outlier: { watchedBy } }: E): OutlierDetector<E> {
    return watchedBy === this || !(watchedBy instanceof OutlierDetector) ? this : watchedBy;
  }

  /** The same, for who only looks: nobody is told. */
  wouldOffer(endpoints: readonly E[]): readonly E[] {
    const available = availableOf(endpoints);
    return offeredOf(endpoints, available, this.#wouldPanic(endpoints, available));
  }

  #wouldPanic(endpoints: readonly E[], available: number): boolean {
    if (available === endpoints.length) return false;
    return available < (endpoints.length - drainingOf(endpoints)) * this.#options.panicThreshold;
  }

  /** At least one of several, and never a sole one; none at all where the fraction is 0. */
  #allowed(): number {
    const { length } = this.#endpoints;
    if (this.#options.maxEjected === 0) return 0;
    // 29 % of 100 are 28.999999999999996.
    return length < 2 ? 0 : Math.min(length, Math.max(1, Math.floor(length * this.#options.maxEjected + 1e-9)));
  }

  #ejectIfAllowed(endpoint: E, now: number): void {
    if (this.#ejected.length >= this.#allowed() || !this.#endpoints.includes(endpoint)) return;
    const { outlier } = endpoint;
    outlier.times = Math.max(0, outlier.times - Math.floor((now - outlier.availableSince) / this.#options.interval));
    this.#ejected.push(endpoint);
    this.#eject(endpoint, now, 'consecutive-errors');
  }

  #eject(endpoint: E, now: number, reason: EjectionReason): void {
    const { baseEjection } = this.#options;
    const { outlier } = endpoint;
    outlier.times += 1;
    outlier.consecutiveErrors = 0;
    const duration = Math.min(baseEjection * outlier.times, Math.max(baseEjection, LONGEST));
    outlier.state = { is: 'ejected', until: now + duration };
    this.#events.onEjected(endpoint, duration, reason);
  }

  #bringBack(endpoint: E, now: number): void {
    endpoint.outlier.state = AVAILABLE;
    endpoint.outlier.availableSince = now;
    const at = this.#ejected.indexOf(endpoint);
    // Discovery may have taken it away while its probe was under way.
    if (at === -1) return;
    this.#ejected.splice(at, 1);
    this.#events.onReturned(endpoint);
  }
}

function offeredOf<E extends Watched>(endpoints: readonly E[], available: number, panics: boolean): readonly E[] {
  if (available === endpoints.length || (panics && drainingOf(endpoints) === 0)) return endpoints;
  return endpoints.filter((endpoint) => (panics ? !endpoint.draining : endpoint.available));
}

function drainingOf(endpoints: readonly Watched[]): number {
  let draining = 0;
  for (const endpoint of endpoints) if (!endpoint.available && endpoint.draining) draining += 1;
  return draining;
}

function availableOf(endpoints: readonly Watched[]): number {
  let available = 0;
  for (const endpoint of endpoints) if (endpoint.available) available += 1;
  return available;
}
