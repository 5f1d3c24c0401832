/** What the rolling statistics and reloading say, as far as the dashboard shows it. */

/** Times in milliseconds, null where there were none. */
export interface Figures {
  readonly requests: number;
  /** A second. */
  readonly rate: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Failures of services, by problem code or status. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the gateway refused, by problem code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export type Named = Figures & { readonly name: string };

export interface Traffic {
  readonly from: string;
  readonly service: string;
  readonly requests: number;
  readonly errors: number;
}

export interface Report {
  readonly total: Figures;
  readonly routes: readonly Named[];
  readonly users?: readonly Named[];
  readonly callers?: readonly Named[];
  readonly traffic: readonly Traffic[];
}

/** Of the last try to take up another configuration, and the changes lately, the newest first. Times in milliseconds since 1970. */
export interface ReloadReport {
  readonly at: number;
  readonly ok: boolean;
  readonly cause: string;
  readonly findings: readonly { readonly line: number; readonly message: string; readonly severity: string }[];
  readonly needsRestart: readonly string[];
  readonly changes: readonly {
    readonly at: number;
    readonly revision: string;
    readonly from: string;
    readonly cause: string;
    readonly note?: string | undefined;
    readonly summary: readonly string[];
  }[];
}
