/** Lines of the log that would come with every request: of each kind one a minute. */
import type { Clock } from '../clock.ts';

/** Milliseconds from one line of a kind to the next. */
const QUIET = 60_000;

/** Kinds that are remembered. */
const MOST = 1_000;

/** @returns for each time how often it was since the last line, this one among them; undefined while there is to be none */
export function seldom(clock: Clock): (kind: string) => number | undefined {
  const seen = new Map<string, { toldAt: number; since: number }>();
  return (kind) => {
    const now = clock.now();
    // Names may change with each version of a module.
    if (seen.size >= MOST) seen.clear();
    const record = seen.get(kind) ?? { toldAt: Number.NEGATIVE_INFINITY, since: 0 };
    seen.set(kind, record);
    record.since += 1;
    if (now - record.toldAt < QUIET) return undefined;
    const { since } = record;
    record.toldAt = now;
    record.since = 0;
    return since;
  };
}
