/** Names filters that take long: one line a filter and minute, however often it is slow. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/logger.ts';

/** Milliseconds from one line about a filter to the next. */
const QUIET = 60_000;

/** Filters that are remembered. */
const MOST = 1_000;

/** @param limit milliseconds */
export function slowFilters(limit: number, clock: Clock, logger: Logger): (name: string, stage: string, milliseconds: number) => void {
  const seen = new Map<string, { toldAt: number; since: number }>();
  return (name, stage, milliseconds) => {
    if (milliseconds < limit) return;
    const key = `${name} ${stage}`;
    const now = clock.now();
    // Names may change with each version of a module.
    if (seen.size >= MOST) seen.clear();
    const record = seen.get(key) ?? { toldAt: Number.NEGATIVE_INFINITY, since: 0 };
    seen.set(key, record);
    record.since += 1;
    if (now - record.toldAt < QUIET) return;
    logger.warn({ event: 'filter-slow', filter: name, stage, tookMs: Math.round(milliseconds), times: record.since });
    record.toldAt = now;
    record.since = 0;
  };
}
