/**
 * Takes up a changed configuration while the gateway runs. All is built beside what is in force and swapped whole, in one turn of
 * the event loop; what cannot be used changes nothing, and is told of.
 */
import type { Clock } from '../clock.ts';
import { ConfigError, type Finding, formatFinding, ofWhole } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config } from '../config/schema/index.ts';
import { moduleNames } from '../filter/check.ts';
import type { Snapshot } from '../snapshot.ts';
import type { OfRoutes } from '../telemetry/forget.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type Candidate, type CandidateParts, candidate, FILTERS, type InForce } from './candidate.ts';
import { contractFiles, filesOf } from './files.ts';
import { forgetRoutes } from './forget-routes.ts';
import { readFileAgain, readFileSoon } from './read-file.ts';
import { needsRestart } from './restart.ts';
import { History, type ReloadCause, type ReloadStatus } from './status.ts';
import { turns } from './turns.ts';

export type { ReloadCause, ReloadStatus } from './status.ts';

export type ReloadResult =
  /** `changed`: whether anything did. `needsRestart`: what is in the configuration, but not in force before a restart. */
  | { readonly ok: true; readonly revision: string; readonly changed: boolean; readonly needsRestart: readonly string[] }
  | { readonly ok: false; readonly findings: readonly Finding[] };

/** A configuration that could be taken up. Until one of the two is called nothing else is, for a minute at most. */
export interface Prepared {
  readonly loaded: LoadedConfig;
  /** Takes it up, at once. Fails only where the gateway has begun to end, or the minute is over. */
  commit(cause: ReloadCause, note?: string): ReloadResult;
  abandon(): Promise<void>;
}

export interface Reloading {
  /** In force. */
  readonly loaded: LoadedConfig;
  readonly status: ReloadStatus;
  /** Reads the file. One waits for the other, and who comes while one waits shares its turn. Never rejects for a configuration. */
  reload(cause: ReloadCause): Promise<ReloadResult>;
  /** All that a reload does but the swap. @throws ConfigError */
  prepare(text: string): Promise<Prepared>;
}

export interface OwnReloading extends Reloading {
  /** Every file that may change what is in force, or what was tried last. */
  readonly files: readonly string[];
  /** What is to be told of it to who asks whether the gateway is ready. */
  readonly note: string;
  /** Nothing is taken up any more. */
  refuse(): void;
  /** Closes all that was ever in force, and what is not in force yet. */
  close(): Promise<void>;
}

export interface ReloadingParts extends CandidateParts {
  readonly inForce: InForce;
  readonly clock: Pick<Clock, 'epoch'>;
  readonly logger: Logger;
  readonly instruments: Pick<Instruments, 'configReloads' | 'configurations'> & OfRoutes;
  /** Told before what is in force is another. */
  onSwap(): void;
  /** Of what is in force, what is no part of a snapshot: limits of the listener, certificates. */
  takeUp(inForce: InForce): void;
  /** Told when files may have become others. */
  onDone(): void;
}

/** Findings of which one line of the log tells. */
const TOLD = 100;

/** Milliseconds that something may be prepared for, since nothing else is taken up meanwhile. */
const PREPARED = 60_000;

export function createReloading(parts: ReloadingParts): OwnReloading {
  const { inForce, clock, logger, instruments, profile } = parts;
  const started = inForce.loaded;
  const { directory, file } = started;
  const { section } = profile;
  const history = new History(clock.epoch(), started.revision, started.findings);
  instruments.configurations.add(history);
  for (const result of ['changed', 'unchanged', 'failed']) instruments.configReloads.add(0, { result });
  const takeTurn = turns();
  const ending = new AbortController();
  const retiring = new Set<Snapshot>();
  let waiting: Promise<ReloadResult> | undefined;
  /** Files that the configuration names which was refused last: one of them may be at fault. */
  let refusedFiles: readonly string[] = [];
  let unused: Candidate | undefined;

  const build = async (text: string): Promise<Candidate> => {
    throwIfEnding();
    unused = await candidate(text, inForce, parts, ending.signal);
    throwIfEnding();
    return unused;
  };

  const throwIfEnding = () => {
    if (ending.signal.aborted) throw new ConfigError([ofWhole(file, 'is not taken up: the gateway is about to end')]);
  };

  const commit = (built: Candidate, cause: ReloadCause, note?: string): ReloadResult => {
    throwIfEnding();
    unused = undefined;
    const { revision: from, config: before } = inForce.loaded;
    const { loaded, summary } = built;
    const { revision, findings } = loaded;
    parts.onSwap();
    const earlier = built.swap();
    if (earlier) retire(earlier, before);
    parts.takeUp(inForce);
    refusedFiles = [];
    const at = clock.epoch();
    const changed = summary.length > 0;
    const restart = needsRestart(started.config, loaded.config, section);
    const change = { at, revision, from, cause, summary, ...(note === undefined ? {} : { note }) };
    const restartBefore = history.status.needsRestart;
    history.taken({ at, cause, revision, findings, needsRestart: restart }, changed ? change : undefined);
    instruments.configReloads.add(1, { result: changed ? 'changed' : 'unchanged' });
    if (changed) logger.info({ event: 'configuration-reloaded', cause, revision, from, changes: summary, note });
    else if (cause !== 'file') logger.info({ event: 'configuration-unchanged', cause, revision });
    if (summary.includes(FILTERS)) logger.info({ event: 'filters-reloaded', files: inForce.modules.files.length });
    if (restart.join() !== restartBefore.join() && restart.length > 0) logger.warn({ event: 'restart-needed', keys: restart });
    return { ok: true, revision, changed, needsRestart: restart };
  };

  /** Nothing more is told of routes that are gone when nothing of them is under way. */
  const retire = (snapshot: Snapshot, before: Config) => {
    retiring.add(snapshot);
    void snapshot.retire().then(() => {
      retiring.delete(snapshot);
      forgetRoutes(before, inForce.loaded.config, instruments);
    });
  };

  const refused = (error: unknown, cause: ReloadCause): ReloadResult => {
    const isFinding = error instanceof ConfigError;
    const findings = isFinding ? error.findings : [ofWhole(file, error instanceof Error ? error.message : String(error))];
    if (ending.signal.aborted) return { ok: false, findings };
    refusedFiles = isFinding && error.of ? namedBy(error.of) : refusedFiles;
    history.refused({ at: clock.epoch(), cause, findings });
    instruments.configReloads.add(1, { result: 'failed' });
    const told = findings.slice(0, TOLD).map(formatFinding);
    logger.error({ event: 'configuration-kept', cause, revision: inForce.loaded.revision, findingsCount: findings.length, findings: told });
    return { ok: false, findings };
  };

  const namedBy = (config: unknown) => {
    try {
      return [...filesOf(config, directory, section), ...inForce.modules.filesOf(moduleNames(config as Config))];
    } catch {
      // So much is wrong with it that it names nothing.
      return [];
    }
  };

  const run = async (cause: ReloadCause): Promise<ReloadResult> => {
    try {
      const text = cause === 'file' ? await readFileSoon(file, ending.signal) : readFileAgain(file);
      return commit(await build(text), cause);
    } catch (error) {
      await abandon();
      return refused(error, cause);
    } finally {
      parts.onDone();
    }
  };

  const abandon = async () => {
    const built = unused;
    unused = undefined;
    await built?.abandon();
  };

  const prepare = async (text: string): Promise<Prepared> => {
    const endTurn = await takeTurn();
    let isOver = false;
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
      endTurn();
    };
    const giveUp = async () => {
      if (isOver) return;
      end();
      await abandon();
    };
    try {
      const built = await build(text);
      // Not before it is built: whoever has the turn next would build beside it.
      timer = setTimeout(giveUp, PREPARED).unref();
      return {
        loaded: built.loaded,
        commit(cause, note) {
          if (isOver) return { ok: false, findings: [ofWhole(file, 'is not taken up: what was prepared has been taken up or given up')] };
          try {
            return commit(built, cause, note);
          } catch (error) {
            void abandon();
            return refused(error, cause);
          } finally {
            end();
            parts.onDone();
          }
        },
        abandon: giveUp,
      };
    } catch (error) {
      await giveUp();
      throw error;
    }
  };

  return {
    get loaded() {
      return inForce.loaded;
    },
    get status() {
      return history.status;
    },
    get note() {
      return history.note;
    },
    get files() {
      const { modules, loaded } = inForce;
      const named = filesOf(loaded.config, directory, section);
      return [...new Set([file, ...named, ...contractFiles(loaded), ...modules.files, ...refusedFiles])];
    },
    prepare,
    reload(cause) {
      waiting ??= takeTurn().then((endTurn) => {
        waiting = undefined;
        return run(cause).finally(endTurn);
      });
      return waiting;
    },
    refuse: () => ending.abort(),
    async close() {
      ending.abort();
      instruments.configurations.delete(history);
      const closing = [inForce.snapshot, ...retiring].map((snapshot) => snapshot.close());
      await Promise.all([...closing, abandon()]);
    },
  };
}
