/**
 * The layer that ends a try whose first byte does not come in time: `attempt-timeout` by `timeouts.attempt`,
 * `deadline-exceeded` when the time for all tries together runs out first, or `caller-gone` when the caller's patience does,
 * which says nothing of the service. It also tells the service how long is left and which try this is, so that a gateway
 * further down goes by it too.
 */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import { Due } from './due.ts';
import { type Attempt, tooLate } from './exchange.ts';
import type { Layer } from './layer.ts';
import { watch } from './watch.ts';

/** The field by which a gateway tells how many milliseconds are left; relative, for clocks differ. */
export const TIME_LEFT = 'x-gateway-time-left';
/** The field by which a gateway tells which try this is of how many. */
export const ATTEMPTS = 'x-gateway-attempts';

/** @param limit milliseconds for one try */
export function timeout(limit: number, clock: Clock): Layer {
  const due = new Due(limit, clock);

  /** @returns ends it */
  const arm = (attempt: Attempt, now: number): (() => void) => {
    const { exchange } = attempt;
    const left = exchange.deadlineAt - now;
    if (left < limit) {
      const timer = setTimeout(() => attempt.abort(tooLate(exchange)), Math.max(0, left));
      return () => clearTimeout(timer);
    }
    const wait = due.begin(now, () => attempt.abort(new Problem('attempt-timeout')));
    return () => due.end(wait);
  };

  return (attempt, next) => {
    const { exchange } = attempt;
    const now = clock.now();
    attempt.headers.push(TIME_LEFT, String(Math.max(0, Math.floor(exchange.deadlineAt - now))));
    if (exchange.announced !== undefined) attempt.headers.push(ATTEMPTS, exchange.announced);
    // Without a body the wait begins at once; with one, when the service has it whole (its progress is watched by request-body.ts).
    if (!exchange.body) {
      const disarm = arm(attempt, now);
      return watch(attempt, next(attempt), disarm, disarm);
    }
    let disarm: (() => void) | undefined;
    let done = false;
    attempt.whenSent(() => {
      if (!done) disarm = arm(attempt, clock.now());
    });
    const end = () => {
      done = true;
      disarm?.();
    };
    return watch(attempt, next(attempt), end, end);
  };
}
