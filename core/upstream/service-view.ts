/** What may be seen of a running service: the event stream, the state pages and the dashboard read it, nothing here is changed. */
import type { Discovery } from '../telemetry/levels.ts';
import type { ServiceStatistics } from './statistics.ts';

export interface ServiceView {
  readonly name: string;
  /** The gateway that calls it, by name. */
  readonly group: string;
  readonly statistics: ServiceStatistics;
  readonly breaker: BreakerView;
  readonly concurrency: ConcurrencyView;
  readonly settings: ServiceSettings;
  /** Those of now. */
  endpoints(): readonly EndpointView[];
  /** How they are known; undefined where they are a fixed list. */
  discovery(): Discovery | undefined;
}

export interface EndpointView {
  /** `host:port` */
  readonly id: string;
  /** What active checks say. */
  readonly healthy: boolean;
  /** What ejection makes of it. */
  readonly ejection: 'available' | 'ejected' | 'probing';
  /** Healthy, not ejected and not drained. */
  readonly available: boolean;
  readonly draining: boolean;
  /** As it is configured, or as it was registered. */
  readonly weight: number;
  /** It stands by while one of a lower number is to be had. */
  readonly priority: number;
  readonly zone: string | undefined;
  /** Tries under way. */
  readonly inFlight: number;
  /** Milliseconds that a try is feared to take; undefined before the first. */
  readonly latency: number | undefined;
}

export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half-open';
  /** What the configuration or an operator has it be, whatever its own state. */
  readonly forced?: 'open' | 'closed' | undefined;
  /** What it decides by: the calls in its window, and those of them that failed. */
  health(now: number): { readonly total: number; readonly errors: number };
}

/** A bulkhead, as it stands. */
export interface ConcurrencyView {
  readonly inFlight: number;
  readonly limit: number;
  readonly queued: number;
}

/** The part of a service's configuration that Hystrix had too; times in milliseconds. */
export interface ServiceSettings {
  readonly requestVolume: number;
  /** A fraction of one. */
  readonly errorThreshold: number;
  readonly window: number;
  readonly sleepWindow: number;
  readonly attemptTimeout: number;
  readonly queue: number;
}
