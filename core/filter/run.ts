/** Runs one filter: what it throws, or does not end, fails its request alone; how long it took is known. */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Bound } from './chain.ts';
import type { Debug } from './debug.ts';
import type { RequestExchange } from './exchange.ts';
import { seldom } from './seldom.ts';
import { readable } from './stray.ts';
import { Turn } from './turn.ts';

export interface RunParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that a user's filter may take. */
  readonly timeout: number;
  readonly instruments: Pick<Instruments, 'filterDuration' | 'filterFailures'>;
  onSlow(name: string, stage: string, milliseconds: number): void;
}

/**
 * @param call calls the service; for a filter of stage route
 * @throws Problem `filter-failed`; a problem that the service or the client has, which passed through the filter, stays what it is
 */
export type Run = (filter: Bound, exchange: RequestExchange, debug: Debug | undefined, call?: () => Promise<void>) => Promise<void>;

export function runner({ clock, logger, timeout, instruments, onSlow }: RunParts): Run {
  const told = seldom(clock);
  const fault = ({ name, stage }: Bound, thrown: unknown): Problem => {
    const error = readable(thrown);
    if (error instanceof Problem) return error;
    instruments.filterFailures.add(1, { 'gateway.filter.name': name });
    // The log has a line for each request that failed; what the filter threw is as a rule the same.
    const times = told(`${name} ${stage}`);
    if (times) logger.error({ event: 'filter-failed', filter: name, stage, times, err: error });
    return new Problem('filter-failed', { detail: `The filter ${name} failed.`, cause: error });
  };

  return async function run(filter, exchange, debug, call) {
    const startedAt = clock.now();
    const turn = filter.foreign ? new Turn(filter, { exchange, clock, logger, timeout, call }) : undefined;
    let problem: Problem | undefined;
    try {
      if (turn) await turn.run();
      else if (!filter.foreign) await filter.run(exchange);
    } catch (error) {
      problem = fault(filter, error);
    }
    const took = clock.now() - startedAt - (turn?.away ?? 0);
    debug?.ran(filter, took, problem !== undefined);
    if (filter.foreign) {
      instruments.filterDuration.record(took / 1000, { 'gateway.filter.name': filter.name, 'gateway.filter.stage': filter.stage });
      onSlow(filter.name, filter.stage, took);
    }
    if (problem) throw problem;
  };
}
