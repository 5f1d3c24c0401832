/** What reloading says, as far as the dashboard shows it. */

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
