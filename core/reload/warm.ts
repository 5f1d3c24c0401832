/** Before a snapshot comes into force: services that are new in it should be known to be somewhere, or no request finds them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from '../upstream/service.ts';

/** Milliseconds: nobody waits longer for a source that neither answers nor fails. */
const PATIENCE = 5_000;
/** Milliseconds between two looks. */
const EVERY = 20;

/** Resolves when every source has answered or failed, when that takes too long, or when the signal says so. */
export async function warm(services: readonly Pick<Service, 'discovery'>[], signal: AbortSignal): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!signal.aborted && performance.now() < end && !services.every(isKnown)) await pause(EVERY, undefined, { ref: false });
}

function isKnown({ discovery }: Pick<Service, 'discovery'>): boolean {
  const known = discovery();
  return !known || known.answered || known.failure !== undefined || known.asOf !== undefined;
}
