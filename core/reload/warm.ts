/** Before a snapshot comes into force: services that are new in it should be known to be somewhere, or no request finds them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Discovery } from '../telemetry/levels.ts';

/** Milliseconds: nobody waits longer for a source that neither answers nor fails. */
const PATIENCE = 5_000;
/** Milliseconds between two looks. */
const EVERY = 20;

/** Resolves when every source has answered or failed, when that takes too long, or when the signal says so. */
export async function warm(discoveries: () => ReadonlyMap<string, Discovery>, signal: AbortSignal): Promise<void> {
  const isKnown = ({ answered, failure, asOf }: Discovery) => answered || failure !== undefined || asOf !== undefined;
  const end = performance.now() + PATIENCE;
  while (!signal.aborted && performance.now() < end && ![...discoveries().values()].every(isKnown))
    await pause(EVERY, undefined, { ref: false });
}
