/** What reloads came to: for the admin API, `/readyz?verbose` and metrics. */
import { type Finding, formatFinding } from '../config/finding.ts';
import type { ConfigurationLevels } from '../telemetry/levels.ts';

/** Who asked for it. */
export type ReloadCause = 'file' | 'signal' | 'api';

export interface Change {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly revision: string;
  /** The revision before. */
  readonly from: string;
  readonly cause: ReloadCause;
  readonly note?: string;
  /** What became another, in words. */
  readonly summary: readonly string[];
}

/** Of the last try. */
export interface ReloadStatus {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly ok: boolean;
  readonly cause: ReloadCause;
  /** In force. */
  readonly revision: string;
  /** What is wrong with what was tried; warnings where nothing is. */
  readonly findings: readonly Finding[];
  /** Keys of the configuration in force that only a restart takes up. */
  readonly needsRestart: readonly string[];
  /** The newest first. */
  readonly changes: readonly Change[];
}

/** Changes that are remembered. */
const MOST = 50;

export class History implements ConfigurationLevels {
  #status: ReloadStatus;
  /** Milliseconds since 1970. */
  #succeededAt: number;

  /** @param at milliseconds since 1970, when it was loaded */
  constructor(at: number, revision: string, findings: readonly Finding[]) {
    this.#status = { at, ok: true, cause: 'file', revision, findings, needsRestart: [], changes: [] };
    this.#succeededAt = at;
  }

  get status(): ReloadStatus {
    return this.#status;
  }

  get revision(): string {
    return this.#status.revision;
  }

  get successful(): boolean {
    return this.#status.ok;
  }

  get succeededAt(): number {
    return this.#succeededAt / 1000;
  }

  /** The configuration was read, and is in force from now on, or was before. */
  taken(tried: Pick<ReloadStatus, 'at' | 'cause' | 'revision' | 'findings' | 'needsRestart'>, change: Change | undefined): void {
    const { changes } = this.#status;
    this.#succeededAt = tried.at;
    this.#status = { ...tried, ok: true, changes: change ? [change, ...changes].slice(0, MOST) : changes };
  }

  refused(tried: Pick<ReloadStatus, 'at' | 'cause' | 'findings'>): void {
    this.#status = { ...this.#status, ...tried, ok: false };
  }

  /** For `/readyz?verbose`. */
  get note(): string {
    const { at, ok, revision, findings, needsRestart } = this.#status;
    const restart = needsRestart.length === 0 ? '' : `, a restart is needed for ${needsRestart.join(', ')}`;
    if (ok) return `(${revision}${restart})`;
    const [first] = findings.filter(({ severity }) => severity === 'error');
    const why = first ? formatFinding(first) : 'it could not be used';
    return `(${revision}${restart}; what came at ${new Date(at).toISOString()} is not used: ${why})`;
  }
}
