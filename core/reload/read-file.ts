/** The text of a configuration's file. */
import { setTimeout as pause } from 'node:timers/promises';
import { readConfig } from '../config/load.ts';

/** A file that is gone may only be on its way to its new content; milliseconds between two looks. */
const GONE = { looks: 3, every: 300 };

/** @param signal ends waiting for one that is gone @throws ConfigError when it cannot be read */
export async function readFileSoon(file: string, signal: AbortSignal): Promise<string> {
  for (let looks = 1; ; looks += 1) {
    try {
      return readConfig(file);
    } catch (error) {
      if (looks === GONE.looks || signal.aborted) throw error;
    }
    await pause(GONE.every, undefined, { ref: false });
  }
}
