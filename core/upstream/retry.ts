/**
 * The layer that tries again, on another endpoint when there is one: it stands above everything that one try passes. Failures
 * to connect are tried again for any method, for the service has seen nothing; the rest only for idempotent requests whose
 * body can be sent whole once more (RFC 9110 section 9.2.2), and never by two gateways on one way.
 */
import type { Clock, Random } from '../clock.ts';
import type { RetryConfig } from '../config/schema/index.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { Attempt, type Exchange, whenCancelled } from './exchange.ts';
import type { Layer, Next } from './layer.ts';
import type { UpstreamResponse } from './response.ts';
import type { RetryBudget } from './retry-budget.ts';

/** Why a try is made again: a word or a status of `retry.on`. */
export type RetryReason = RetryConfig['on'][number];

const byCode: Partial<Record<ProblemCode, RetryReason>> = {
  'connection-refused': 'connect',
  'connect-timeout': 'connect',
  'dns-error': 'connect',
  'dns-timeout': 'connect',
  'connection-terminated': 'reset',
  'attempt-timeout': 'timeout',
};

export interface RetryParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  /** Told of each further try: metrics. */
  readonly onRetry: (reason: RetryReason) => void;
}

export function retry({ attempts, on, methods, backoff }: Omit<RetryConfig, 'budget'>, parts: RetryParts): Layer {
  const { clock, random, budget, onRetry } = parts;
  const reasons = new Set(on);
  const repeatable = new Set<string>(methods);

  const allowed = (reason: RetryReason | undefined, exchange: Exchange): reason is RetryReason => {
    if (reason === undefined || !reasons.has(reason) || exchange.cancelled) return false;
    if (exchange.body && !exchange.body.replayable) return false;
    if (reason === 'connect') return true;
    return mayRepeat(repeatable, exchange);
  };

  /** One more try, or what the last one came to when none is to be had. */
  const again = async (last: Attempt, round: number, next: Next, reason: RetryReason, came: Came): Promise<UpstreamResponse> => {
    const { exchange } = last;
    const pause = random() * Math.min(backoff.max, backoff.base * 2 ** (round - 1));
    const now = clock.now();
    if (now + pause >= exchange.deadlineAt || !budget.withdraw(now)) return orThrow(came);
    came.response?.discard();
    if (pause > 0) await wait(pause, exchange);
    if (exchange.cancelled) throw exchange.cancelled;
    onRetry(reason);
    return run(new Attempt(exchange, clock.now()), round, next);
  };

  const run = (attempt: Attempt, round: number, next: Next): Promise<UpstreamResponse> => {
    const { exchange } = attempt;
    const left = attempts - round;
    // A gateway further down reads it: where one above will try again, it does not.
    if (attempts > 0 && mayRepeat(repeatable, exchange)) exchange.announced = `${round + 1}/${attempts + 1}`;
    const answer = next(attempt);
    if (left <= 0) return answer;
    return answer.then(
      (response) => {
        const reason = response.status >= 500 ? response.status : undefined;
        return allowed(reason, exchange) ? again(attempt, round + 1, next, reason, { response }) : response;
      },
      (error: unknown) => {
        const reason = error instanceof Problem ? byCode[error.code] : undefined;
        if (!allowed(reason, exchange)) throw error;
        return again(attempt, round + 1, next, reason, { error });
      },
    );
  };

  return (attempt, next) => {
    budget.deposit(attempt.startedAt);
    return run(attempt, 0, next);
  };
}

/** Whether a try that may have reached the service is made again; one that did not always may be. */
export function mayRepeat(methods: ReadonlySet<string>, { method, attemptsAbove }: Pick<Exchange, 'method' | 'attemptsAbove'>): boolean {
  return methods.has(method) && attemptsAbove === undefined;
}

/** What a try came to. */
interface Came {
  readonly response?: UpstreamResponse;
  readonly error?: unknown;
}

function orThrow({ response, error }: Came): UpstreamResponse {
  if (response) return response;
  throw error;
}

/** Ends early when nobody waits for the answer any more. */
function wait(milliseconds: number, exchange: Exchange): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    whenCancelled(exchange, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
