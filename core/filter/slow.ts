/** Names filters that take long: one line a filter and minute, however often it is slow. */
import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { seldom } from './seldom.ts';

/** @param limit milliseconds */
export function slowFilters(limit: number, clock: Clock, logger: Logger): (name: string, stage: string, milliseconds: number) => void {
  const told = seldom(clock);
  return (name, stage, milliseconds) => {
    if (milliseconds < limit) return;
    const times = told(`${name} ${stage}`);
    if (times) logger.warn({ event: 'filter-slow', filter: name, stage, tookMs: Math.round(milliseconds), times });
  };
}
