/** The configuration as the API reads and changes it: the file, one writer at a time, in force before it is answered. */
import { basename, join } from 'node:path';
import { ConfigError, type Finding, formatPath, type Path } from '../../config/finding.ts';
import type { LoadedConfig } from '../../config/load.ts';
import type { Prepared, Reloading } from '../../reload/reloading.ts';
import { differences } from '../../revisions/differences.ts';
import { EditError } from '../../revisions/edit.ts';
import { type ConfigFile, configFile, Overtaken, ReadOnly, type Revision, revisionOf } from '../../revisions/file.ts';
import type { History, Recorded } from '../../revisions/history.ts';
import { Busy } from '../../revisions/lock.ts';
import { editText, readText } from '../../revisions/text.ts';
import { at, isMapping, type Written, type WrittenMap } from '../../revisions/written.ts';
import { AdminProblem } from '../problem.ts';
import { revealed } from './hidden.ts';

export interface SourceParts {
  readonly reloading: Pick<Reloading, 'loaded' | 'prepare'>;
  readonly history: History;
  /** The gateway's name. */
  readonly gateway: string;
  now(): number;
}

/** The file as it is, or will be. */
export interface Reading extends Revision {
  /** @throws AdminProblem where the text is no YAML */
  readonly config: WrittenMap;
  readonly isBroken: boolean;
  /** The text with a value at a place, or without it; what is hidden in the value is what stands there. @throws AdminProblem @throws EditError */
  edit(path: Path, value: Written | undefined): Promise<string>;
}

export interface Change {
  /** What `If-Match` has. */
  readonly match: readonly string[];
  readonly note: string;
  readonly cause?: Recorded['cause'];
  /** From the file as it is to the text it should have. */
  edit(now: Reading): string | Promise<string>;
}

export interface Changed {
  readonly before: Reading;
  readonly after: Reading;
  readonly needsRestart: readonly string[];
}

export interface Trial extends Pick<Changed, 'before' | 'after'> {
  /** Undefined where what is in the file now would not do. */
  readonly from: LoadedConfig | undefined;
  readonly to: LoadedConfig;
}

export interface Source {
  /** @throws AdminProblem */
  read(): Promise<Reading>;
  /** A text that is none of the file's now. */
  reading(text: string): Promise<Reading>;
  /** @throws AdminProblem */
  change(change: Change): Promise<Changed>;
  /** Everything but the change. @throws AdminProblem */
  try(change: Change): Promise<Trial>;
  /** Records what is in force, if it is new: what an editor wrote is a revision too. */
  record(): Promise<void>;
}

export function createSource({ reloading, history, gateway, now }: SourceParts): Source {
  const { directory, file: named } = reloading.loaded;
  const file: ConfigFile = configFile(join(directory, basename(named)));

  /** What it was begun with, until it is recorded: not before there is another, that a gateway which nobody changes writes nothing. */
  let first: Revision | undefined;
  try {
    first = file.read();
  } catch {
    // Gone since it was loaded: then it is nobody's to bring back.
  }

  const readingOf = readings(named);
  const read = () => readingOf(inFile(() => file.read()));

  /** What the file is, if it is of the revision that was meant. */
  const meant = ({ match }: Change): Revision => {
    const found = inFile(() => file.read());
    if (!match.includes(found.revision)) throw overtaken(found.revision);
    return found;
  };

  /** The same, and the text that it should have. */
  const edited = async (change: Change): Promise<{ before: Reading; text: string }> => {
    const before = await readingOf(meant(change));
    try {
      return { before, text: await change.edit(before) };
    } catch (error) {
      if (error instanceof EditError) throw new AdminProblem('conflict', { detail: `${named} ${error.message}` });
      throw error;
    }
  };

  const prepared = async (text: string): Promise<Prepared> => {
    try {
      return await reloading.prepare(text);
    } catch (error) {
      throw error instanceof ConfigError ? refused(error.findings) : error;
    }
  };

  const note = ({ text, revision }: Revision, cause: Recorded['cause'], said?: string) => {
    try {
      history.record({ text, revision, cause, note: said, at: now(), gateway });
    } catch {
      // What cannot be kept cannot be brought back, and nothing else is the worse for it.
    }
  };

  let last: Promise<unknown> = Promise.resolve();
  /** Of this process, one after the other: who waits here asks the file system nothing. */
  const inTurn = <T>(run: () => Promise<T>): Promise<T> => {
    const mine = last.then(run).catch((error) => {
      throw asAdminProblem(error, named);
    });
    last = mine.catch(() => {});
    return mine;
  };

  const recordNow = () => {
    const now = inFile(() => file.read());
    if (first && !history.find(first.revision)) note(first, 'file');
    first = undefined;
    if (now.revision === reloading.loaded.revision) note(now, 'file');
  };

  return {
    read,
    reading: (text) => readingOf({ text, revision: revisionOf(text) }),
    change: (change) =>
      inTurn(async () => {
        // Who has lost already need not wait for the lock.
        meant(change);
        const held = await file.lock();
        try {
          const { before, text } = await edited(change);
          const after = await readingOf({ text, revision: revisionOf(text) });
          const next = await prepared(text);
          try {
            if (text !== before.text) file.replace(text, before.revision, held);
          } catch (error) {
            await next.abandon();
            throw error;
          }
          note(before, 'file');
          const result = next.commit('api', change.note);
          note(after, change.cause ?? 'api', change.note);
          if (!result.ok) throw new AdminProblem('not-in-force', { members: { findings: told(result.findings) } });
          return { before, after, needsRestart: result.needsRestart };
        } finally {
          held.release();
        }
      }),
    try: (change) =>
      inTurn(async () => {
        const { before, text } = await edited(change);
        const next = await prepared(text);
        await next.abandon();
        const after = await readingOf({ text, revision: revisionOf(text) });
        if (before.revision === reloading.loaded.revision) return { before, after, from: reloading.loaded, to: next.loaded };
        const old = await reloading.prepare(before.text).catch(() => undefined);
        await old?.abandon();
        return { before, after, from: old?.loaded, to: next.loaded };
      }),
    record: () =>
      inTurn(async () => {
        // Where nobody can write beside the file, it changes all the same: a ConfigMap does.
        const held = await file.lock().catch((error) => {
          if (!(error instanceof ReadOnly)) throw error;
        });
        try {
          recordNow();
        } finally {
          held?.release();
        }
      }),
  };
}

/** Of a text that was read lately nothing is read again: that of a thousand routes takes a while. */
const LATELY = 4;

function readings(file: string): (of: Revision) => Promise<Reading> {
  const known = new Map<string, Promise<Reading>>();
  return ({ text, revision }) => {
    const reading = known.get(revision) ?? read(text, revision, file);
    known.delete(revision);
    known.set(revision, reading);
    // What failed for another reason than the text is tried again.
    reading.catch(() => known.delete(revision));
    for (const [oldest] of known) if (known.size > LATELY) known.delete(oldest);
    return reading;
  };
}

async function read(text: string, revision: string, file: string): Promise<Reading> {
  let config: WrittenMap = {};
  let broken: AdminProblem | undefined;
  try {
    const whole = await readText(text);
    if (isMapping(whole)) config = whole;
  } catch (error) {
    const message = `is no YAML: ${error instanceof Error ? error.message : String(error)}`;
    const finding: Finding = { severity: 'error', file, line: 1, column: 1, path: [], message };
    broken = new AdminProblem('configuration-refused', { headers: { ETag: etagOf(revision) }, members: { findings: told([finding]) } });
  }
  const whole = (): WrittenMap => {
    if (broken) throw broken;
    return config;
  };
  return {
    text,
    revision,
    get config() {
      return whole();
    },
    isBroken: broken !== undefined,
    edit: async (path, value) => editText(text, path, value && revealed(value, at(whole(), path), path)),
  };
}

function inFile<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new AdminProblem('conflict', { detail: `The file cannot be read: ${error instanceof Error ? error.message : String(error)}` });
  }
}

export const etagOf = (revision: string): string => `"${revision}"`;

const overtaken = (revision: string): AdminProblem =>
  new AdminProblem('precondition-failed', { headers: { ETag: etagOf(revision) }, members: { revision } });

export const refused = (findings: readonly Finding[]): AdminProblem =>
  new AdminProblem('configuration-refused', { members: { findings: told(findings) } });

/** In the words of `check`. */
export const told = (findings: readonly Finding[]): readonly object[] =>
  findings.map(({ severity, file, line, column, path, message, hint }) => ({
    severity,
    file,
    line,
    column,
    path: formatPath(path),
    message,
    ...(hint === undefined ? {} : { hint }),
  }));

function asAdminProblem(error: unknown, file: string): unknown {
  if (error instanceof ReadOnly) return new AdminProblem('read-only', { detail: `${file} ${error.message}` });
  if (error instanceof Overtaken) return new AdminProblem('precondition-failed', { detail: error.message });
  if (error instanceof Busy) return new AdminProblem('busy', { headers: { 'Retry-After': '1' } });
  return error;
}

/** The keys that are not the same; of a text that is no YAML, there are none before. */
export function changedKeys(before: Reading, after: Reading): string[] {
  const [from, to] = [before, after].map((one) => (one.isBroken ? {} : one.config)) as [Written, Written];
  return differences(from, to).map(({ path }) => formatPath(path));
}
