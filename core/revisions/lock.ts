/**
 * One writer at a time, of all processes that share a file: a lock file beside it, which only one can make. One that its owner left
 * behind is broken. Whoever loses his lock all the same, as one that was stopped for long, finds out by `isHeld`.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as later } from 'node:timers/promises';
import { isRunning, ownProcess } from './process.ts';

export interface Lock {
  /** Whether it is still this one's: who holds it for too long may lose it. */
  isHeld(): boolean;
  release(): void;
}

/** Another writer is at it for longer than anybody waits. */
export class Busy extends Error {}

/** Milliseconds between two tries, and the longest wait. */
const AGAIN = 10;
const PATIENCE = 15_000;
/** Milliseconds for which nothing happens to a lock whose owner cannot be looked for: one that was left behind. */
const STALE = 60_000;

/** Of this process, by their content. */
const held = new Set<string>();

const monotonic = () => performance.now();

/** @throws Busy @throws the system's error when the folder cannot be written to */
export async function lock(file: string, patience = PATIENCE, now = monotonic): Promise<Lock> {
  const id = `${ownProcess()} ${randomUUID()}`;
  const give = now() + patience;
  for (;;) {
    if (take(file, id)) {
      const isHeld = () => contentOf(file) === id;
      return {
        isHeld,
        release() {
          if (isHeld()) rmSync(file, { force: true });
          held.delete(id);
        },
      };
    }
    breakIfLeft(file, now());
    if (now() >= give) throw new Busy('another writer is at it');
    await later(AGAIN * (0.5 + Math.random()));
  }
}

/** Whether it could be had. A link can be made once only, and what it leads to is whole by then, whoever is killed. */
function take(file: string, id: string): boolean {
  if (existsSync(file)) return false;
  const part = `${file}.${randomUUID()}`;
  try {
    writeFileSync(part, id, { flag: 'wx', mode: 0o600 });
    linkSync(part, file);
    held.add(id);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(part, { force: true });
  }
}

/** Moved away, for only one can do that; what proves to be the lock of somebody new, which was made meanwhile, is put back. */
function breakIfLeft(file: string, now: number): void {
  const content = contentOf(file);
  if (content === undefined || !isLeft(file, content, now)) return;
  const moved = `${file}.${randomUUID()}`;
  try {
    renameSync(file, moved);
    if (contentOf(moved) !== content) linkSync(moved, file);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(moved, { force: true });
  }
}

function isLeft(file: string, content: string, now: number): boolean {
  if (content.startsWith(`${ownProcess()} `)) return !held.has(content);
  return !(isRunning(content) ?? !isStill(file, content, now));
}

/** What was seen of locks, and since when by a clock that nobody sets; what another machine's says of a file is not asked. */
const seen = new Map<string, { readonly what: string; readonly since: number }>();

function isStill(file: string, content: string, now: number): boolean {
  const what = `${content} ${statSync(file, { throwIfNoEntry: false })?.mtimeMs}`;
  const known = seen.get(file);
  if (known?.what === what) return now - known.since > STALE;
  seen.set(file, { what, since: now });
  return false;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
