/** `GET /stats`: the rolling statistics as JSON, of the last ten seconds, minute or five minutes. */
import type { Context } from 'koa';
import type { Clock } from '../clock.ts';
import { type Window, windows } from '../telemetry/rolling-slices.ts';
import type { StatisticsReport } from '../telemetry/statistics.ts';
import { AdminProblem } from './problem.ts';

/** What of, which gateway's, by which configuration. */
export type Stats = { readonly gateway: string; readonly revision: string } & StatisticsReport;

export interface StatsParts {
  /** @param top how many users, and slowest routes */
  stats(window: Window, top: number): Stats;
  readonly clock: Clock;
}

/** Users that may be asked for at once. */
const MOST = 1_000;

/** Answers 400 to a window or a number that there is not. */
export function answerStats({ stats, clock }: StatsParts): (ctx: Context) => void {
  return function answerStats(ctx) {
    const { window = '1m', top = '20' } = ctx.query;
    if (typeof window !== 'string' || !isWindow(window))
      throw new AdminProblem('bad-request', { detail: `The window must be one of ${Object.keys(windows).join(', ')}.` });
    if (typeof top !== 'string' || !/^[0-9]{1,4}$/.test(top) || Number(top) > MOST)
      throw new AdminProblem('bad-request', { detail: `The number of the top must be a whole number up to ${MOST}.` });
    const { gateway, revision, ...report } = stats(window, Number(top));
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { gateway, revision, at: Math.round(clock.epoch()), ...report };
  };
}

function isWindow(text: string): text is Window {
  return Object.hasOwn(windows, text);
}
