/**
 * The layer that ends a try whose first byte does not come in time: `attempt-timeout` by `timeouts.attempt`,
 * `deadline-exceeded` when the time for all tries together runs out first, or `caller-gone` when the caller's patience does,
 * which says nothing of the service. It also tells the service how long is left and which try this is, so that a gateway
 * further down goes by it too.
 */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import { tooLate } from './exchange.ts';
import type { Layer } from './layer.ts';
import { watch } from './watch.ts';

/** The field by which a gateway tells how many milliseconds are left; relative, for clocks differ. */
export const TIME_LEFT = 'x-gateway-time-left';
/** The field by which a gateway tells which try this is of how many. */
export const ATTEMPTS = 'x-gateway-attempts';

/** @param limit milliseconds for one try */
export function timeout(limit: number, clock: Clock): Layer {
  return (attempt, next) => {
    const { exchange } = attempt;
    let timer: NodeJS.Timeout | undefined;
    let done = false;
    const arm = (left: number) => {
      if (done) return;
      const late = () => (left < limit ? tooLate(exchange) : new Problem('attempt-timeout'));
      timer = setTimeout(() => attempt.abort(late()), Math.max(0, Math.min(limit, left)));
    };
    const disarm = () => {
      done = true;
      clearTimeout(timer);
    };
    const left = exchange.deadlineAt - clock.now();
    attempt.headers.push(TIME_LEFT, String(Math.max(0, Math.floor(left))));
    if (exchange.announced !== undefined) attempt.headers.push(ATTEMPTS, exchange.announced);
    // Without a body the wait begins at once; with one, when the service has it whole (its progress is watched by request-body.ts).
    if (exchange.body) attempt.whenSent(() => arm(exchange.deadlineAt - clock.now()));
    else arm(left);
    return watch(attempt, next(attempt), disarm, disarm);
  };
}
