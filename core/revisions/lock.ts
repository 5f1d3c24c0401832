/**
 * One writer at a time, of all processes that share a file: a lock file beside it, which only one can make. One that its owner left
 * behind is broken, by one process at a time too.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as later } from 'node:timers/promises';

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
/** Milliseconds after which a lock of another machine, or of nobody, is one that was left behind. */
const STALE = 60_000;

/** @throws Busy @throws the system's error when the folder cannot be written to */
export async function lock(file: string, patience = PATIENCE): Promise<Lock> {
  const id = `${process.pid} ${hostname()} ${randomUUID()}`;
  const give = Date.now() + patience;
  for (;;) {
    try {
      writeFileSync(file, id, { flag: 'wx', mode: 0o600 });
      const isHeld = () => contentOf(file) === id;
      return {
        isHeld,
        release() {
          if (isHeld()) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    breakIfLeft(file);
    if (Date.now() > give) throw new Busy('another writer is at it');
    await later(AGAIN * (0.5 + Math.random()));
  }
}

/** Without an await between: whoever else would break it finds this one's mark, or the lock of somebody new. */
function breakIfLeft(file: string): void {
  if (!isLeft(file)) return;
  const mark = `${file}.breaking`;
  try {
    mkdirSync(mark);
  } catch {
    if (ageOf(mark) > STALE) rmdirSync(mark);
    return;
  }
  try {
    // Another process may have broken it, and a third one taken it, since it was looked at.
    if (isLeft(file)) rmSync(file, { force: true });
  } finally {
    rmdirSync(mark);
  }
}

function isLeft(file: string): boolean {
  const content = contentOf(file);
  if (content === undefined) return false;
  const [pid = '', host] = content.split(' ');
  if (host === hostname() && /^[1-9]\d*$/.test(pid)) return !isAlive(Number(pid));
  return ageOf(file) > STALE;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** In milliseconds; of what is not there, none. */
function ageOf(file: string): number {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
}
