/**
 * The layer of the service's circuit breaker, and the one place where what a call came to is counted. It stands above the
 * concurrency limit, so that an open breaker takes no place there; it stands below retry, so that each try is a call of its own.
 *
 * Unlike Hystrix's, it takes a refusal at the limit for a failure of the service only where it is told to: at twice what a
 * service can do half of the calls are refused, and the breaker would open and turn away those as well that could be served. Nor has a service
 * failed that is nowhere yet: once it is somewhere, nothing should hold its requests back.
 */
import type { Clock } from '../clock.ts';
import { asProblem, Problem, REDUCED_CAPACITY } from '../problem.ts';
import type { Breaker } from './breaker.ts';
import { classify } from './classify.ts';
import { answeredAt } from './exchange.ts';
import type { Layer } from './layer.ts';
import type { ServiceStatistics } from './statistics.ts';
import { watch } from './watch.ts';

export interface CircuitBreakerParts {
  readonly breaker: Breaker;
  /** Milliseconds; how much later an upload may be the trial, for it can take as long as its client likes. */
  readonly sleepWindow: number;
  /** Whether a refusal at the concurrency limit is a failure. */
  readonly countRefusals: boolean;
  readonly statistics: ServiceStatistics;
  readonly clock: Clock;
}

export function circuitBreaker({ breaker, sleepWindow, countRefusals, statistics, clock }: CircuitBreakerParts): Layer {
  const saysNothing = (event: ReturnType<typeof eventOf>, { code }: Problem): boolean =>
    event === 'cancelled' || (event === 'semaphoreRejected' && !countRefusals) || code === 'no-endpoint';

  return (attempt, next) => {
    const { startedAt } = attempt;
    const admitted = breaker.admit(startedAt, attempt.exchange.body ? sleepWindow : 0);
    if (!admitted) {
      statistics.count('shortCircuited', startedAt);
      const retryAfter = Math.max(1, breaker.retryAfter(startedAt) / 1000);
      return Promise.reject(new Problem('circuit-open', { retryAfter, type: REDUCED_CAPACITY }));
    }
    return watch(
      attempt,
      next(attempt),
      ({ status }) => {
        const now = answeredAt(attempt.exchange, clock);
        statistics.executed(now - startedAt, now);
        if (classify(status, undefined) === 'failure') {
          statistics.count('failure', now);
          breaker.failure(admitted, now);
        } else if (status >= 400) {
          // The caller's mistake, of which Hystrix counts nothing; but it shows that the service lives.
          statistics.count('badRequest', now);
          breaker.badRequest(admitted, now);
        } else {
          statistics.count('success', now);
          breaker.success(admitted, now);
        }
      },
      (error: unknown) => {
        const now = clock.now();
        const problem = asProblem(error);
        const event = eventOf(problem);
        statistics.count(event, now);
        if (saysNothing(event, problem)) breaker.ignored(admitted, now);
        else breaker.failure(admitted, now);
      },
    );
  };
}

function eventOf(problem: Problem): 'cancelled' | 'semaphoreRejected' | 'timeout' | 'failure' {
  if (classify(undefined, problem) === 'ignored') return 'cancelled';
  if (problem.code === 'concurrency-limited') return 'semaphoreRejected';
  return problem.failure.status === 504 ? 'timeout' : 'failure';
}
