/** The text of a configuration's file, while requests are served. */
import { statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, ofWhole } from '../config/finding.ts';
import { readConfig } from '../config/load.ts';

/** A file that is gone may only be on its way to its new content; milliseconds between two looks. */
const GONE = { looks: 3, every: 300 };

/** @throws ConfigError when it cannot be read, and for a pipe or a device: a gateway may start with one, but its end may never come */
export function readFileAgain(file: string): string {
  if (isEndless(file)) throw new ConfigError([ofWhole(file, 'cannot be read again: it is a pipe or a device')]);
  return readConfig(file);
}

function isEndless(file: string): boolean {
  try {
    const there = statSync(file);
    return !there.isFile() && !there.isDirectory();
  } catch {
    // Whoever reads it says why it cannot be.
    return false;
  }
}

/** @param signal ends waiting for one that is gone @throws ConfigError when it cannot be read */
export async function readFileSoon(file: string, signal: AbortSignal): Promise<string> {
  for (let looks = 1; ; looks += 1) {
    try {
      return readFileAgain(file);
    } catch (error) {
      if (looks === GONE.looks || signal.aborted) throw error;
    }
    await pause(GONE.every, undefined, { ref: false });
  }
}
