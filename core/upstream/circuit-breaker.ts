/**
 * The layer of the service's circuit breaker, and the one place where what a call came to is counted. It stands above the
 * concurrency limit, so that an open breaker takes no place there and a refusal there counts as a failure (Hystrix counts
 * rejections of its semaphore); it stands below retry, so that each try is a call of its own.
 */
import type { Clock } from '../clock.ts';
import { asProblem, Problem, REDUCED_CAPACITY } from '../problem.ts';
import type { Breaker } from './breaker.ts';
import { classify } from './classify.ts';
import type { Layer } from './layer.ts';
import type { ServiceStatistics } from './statistics.ts';

export function circuitBreaker(breaker: Breaker, statistics: ServiceStatistics, clock: Clock): Layer {
  return (attempt, next) => {
    const startedAt = clock.now();
    const admitted = breaker.admit(startedAt);
    if (!admitted) {
      statistics.count('shortCircuited', startedAt);
      const retryAfter = Math.max(1, breaker.retryAfter(startedAt) / 1000);
      return Promise.reject(new Problem('circuit-open', { retryAfter, type: REDUCED_CAPACITY }));
    }
    const answer = next(attempt);
    answer.then(
      ({ status }) => {
        const now = clock.now();
        statistics.executed(now - startedAt, now);
        if (status >= 500) {
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
        if (classify(undefined, problem) === 'ignored') {
          statistics.count('cancelled', now);
          breaker.ignored(admitted, now);
          return;
        }
        statistics.count(eventOf(problem), now);
        // A service that is nowhere has not failed: once it is somewhere, nothing should hold its requests back.
        if (problem.code === 'no-endpoint') breaker.ignored(admitted, now);
        else breaker.failure(admitted, now);
      },
    );
    return answer;
  };
}

function eventOf({ code, failure }: Problem): 'semaphoreRejected' | 'timeout' | 'failure' {
  if (code === 'concurrency-limited') return 'semaphoreRejected';
  return failure.status === 504 ? 'timeout' : 'failure';
}
