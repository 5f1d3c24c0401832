/**
 * The layer that keeps a service to its own places: a try beyond them waits in the queue or is refused at once, so that one
 * slow service holds its own requests and nobody else's. It stands above balance: whoever waits has no endpoint yet.
 */
import type { Clock } from '../clock.ts';
import { asProblem, Problem, REDUCED_CAPACITY } from '../problem.ts';
import type { Bulkhead } from './bulkhead.ts';
import { type Attempt, answeredAt, type Exchange, tooLate, whenCancelled } from './exchange.ts';
import type { GradientLimit } from './gradient.ts';
import type { Layer, Next } from './layer.ts';
import type { UpstreamResponse } from './response.ts';
import type { ServiceStatistics } from './statistics.ts';
import { watch } from './watch.ts';

export interface ConcurrencyLimitParts {
  readonly bulkhead: Bulkhead;
  /** How many may wait for a place. */
  readonly places: number;
  /** Finds the limit of the bulkhead by itself, when it is adaptive. */
  readonly gradient: GradientLimit | undefined;
  readonly statistics: ServiceStatistics;
  readonly clock: Clock;
  /** Told of each refusal: metrics. */
  readonly onRejected: (priority: Exchange['priority']) => void;
}

export function concurrencyLimit({ bulkhead, places, gradient, statistics, clock, onRejected }: ConcurrencyLimitParts): Layer {
  const run = (attempt: Attempt, next: Next, enteredAt: number): Promise<UpstreamResponse> => {
    const { exchange } = attempt;
    const { inFlight } = bulkhead;
    statistics.entered(enteredAt);
    const leave = () => {
      const now = clock.now();
      statistics.left(now);
      bulkhead.leave(exchange.priority, now);
    };
    return watch(
      attempt,
      next(attempt),
      (response) => {
        const now = answeredAt(exchange, clock);
        gradient?.observe(now - enteredAt, inFlight, response.status === 503, now);
        // What lasts as long as its client likes would sooner or later hold every place.
        if (isEndless(exchange, response)) leave();
        else response.whenDone(leave);
      },
      (error: unknown) => {
        const now = clock.now();
        // That a try took too long tells of load; a connection that failed, or a client that left, nothing.
        if (asProblem(error).code === 'attempt-timeout') gradient?.observe(now - enteredAt, inFlight, true, now);
        leave();
      },
    );
  };

  /** Until a place is free, the time is up or nobody waits for the answer any more. */
  const queue = async (attempt: Attempt, next: Next): Promise<UpstreamResponse> => {
    const { exchange } = attempt;
    const waiting = bulkhead.wait(exchange.priority);
    let late = false;
    const giveUp = () => {
      late = true;
      waiting.leave();
    };
    const timer = setTimeout(giveUp, Math.max(0, exchange.deadlineAt - clock.now()));
    whenCancelled(exchange, waiting.leave);
    const admitted = await waiting.admitted;
    clearTimeout(timer);
    whenCancelled(exchange, undefined);
    if (admitted && exchange.cancelled) bulkhead.leave(exchange.priority, clock.now());
    if (exchange.cancelled) throw exchange.cancelled;
    if (admitted) return run(attempt, next, clock.now());
    // Not by the clock: a timer may be a fraction of a millisecond early.
    throw late ? tooLate(exchange) : refusal(exchange);
  };

  const refusal = ({ priority }: Exchange): Problem => {
    onRejected(priority);
    return new Problem('concurrency-limited', { retryAfter: 1, type: REDUCED_CAPACITY });
  };

  return (attempt, next) => {
    if (bulkhead.tryEnter(attempt.exchange.priority, attempt.startedAt)) return run(attempt, next, attempt.startedAt);
    return places > 0 ? queue(attempt, next) : Promise.reject(refusal(attempt.exchange));
  };
}

/** A tunnel, or what the service says to be a stream of events (HTML standard, server-sent events). */
function isEndless({ upgrade }: Exchange, { headers }: UpstreamResponse): boolean {
  if (upgrade !== undefined) return true;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at];
    if (name?.length === 12 && name.toLowerCase() === 'content-type') return headers[at + 1]?.startsWith('text/event-stream') === true;
  }
  return false;
}
