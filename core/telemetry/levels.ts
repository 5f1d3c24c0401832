/** What is read when metrics are collected, and by whoever else looks: the state of things that come and go. */

/** What there is to read of a cache at any moment. */
export interface CacheLevels {
  readonly entries: number;
  readonly bytes: number;
  /** Since the start. */
  readonly evictions: number;
}

/** What there is to read of the configuration in force at any moment. */
export interface ConfigurationLevels {
  readonly revision: string;
  /** Whether the last try to take up another succeeded. */
  readonly successful: boolean;
  /** Seconds since 1970 when that was last so. */
  readonly succeededAt: number;
}

/** What there is to read of the place that instances share, at any moment. */
export interface StateLevels {
  /** Whether it does what it is asked for; while it does not, each instance counts for itself. */
  readonly reachable: boolean;
}

/** What there is to read of a service at any moment. */
export interface ServiceLevels {
  readonly name: string;
  /** 0 closed, 1 half-open, 2 open. */
  breakerState(): number;
  retryBudget(): number;
  concurrencyLimit(): number;
  inFlight(): number;
  queued(): number;
  /** Each endpoint as `host:port`, and whether it is available. */
  endpoints(): readonly { readonly id: string; readonly available: boolean }[];
  /** How they are known; undefined where they are a fixed list. */
  discovery(): Discovery | undefined;
}

/** What there is to read of the embedded registry at any moment. */
export interface RegistryLevels {
  /** How many instances there are of each status. */
  statuses(): ReadonlyMap<string, number>;
  applications(): number;
  /** Heartbeats of the last minute, how many there must be more than, and whether leases may run out. */
  renewals(): { readonly lastMinute: number; readonly threshold: number; readonly evicting: boolean };
  /** Readers of the event stream. */
  readers(): number;
  /** As they are configured. */
  peers(): readonly PeerLevels[];
}

/** Of the changes that a peer is to be told, how many wait, and how many it took and was not told since the start. */
export interface PeerLevels {
  readonly url: string;
  readonly queued: number;
  readonly sent: number;
  readonly dropped: number;
  /** Milliseconds since 1970, while it does not take what it is sent. */
  readonly failingSince: number | undefined;
}

/** How the endpoints of a service are known. */
export interface Discovery {
  /** Whether the source has ever answered. */
  readonly answered: boolean;
  /** Why the last question to it got no answer; undefined while it answers. */
  readonly failure: string | undefined;
  /** Seconds for which it has not answered. */
  readonly failingFor: number;
  /** Milliseconds since 1970 until which that was known which is gone by, where it was known in an earlier run. */
  readonly asOf?: number | undefined;
  /** How many there are. */
  readonly endpoints: number;
}
