/**
 * The layer above all tries: how long they may take together (`timeouts.request`), to the first byte of the answer, and never
 * longer than the caller waits. How long is left, each try tells the service (timeout.ts).
 */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import { cancel, type Exchange, tooLate } from './exchange.ts';
import type { Layer } from './layer.ts';

/** @param request milliseconds; the timeout layer below arms the timer, for whichever limit comes first */
export function deadline(request: number, clock: Clock): Layer {
  return (attempt, next) => {
    const { exchange } = attempt;
    const begin = (now: number) => {
      exchange.expiresAt = now + exchange.timeLeft;
      exchange.deadlineAt = Math.min(now + Math.min(request, exchange.within ?? request), exchange.expiresAt);
    };
    begin(attempt.startedAt);
    // Nobody would wait for what comes of it.
    if (exchange.timeLeft <= 0) return Promise.reject(new Problem('caller-gone'));
    // The time an upload takes is the client's; the service's begins when it first has the whole request.
    if (exchange.body)
      exchange.onSent = () => {
        exchange.onSent = undefined;
        begin(clock.now());
      };
    return next(attempt);
  };
}

/**
 * Ends an exchange at its deadline although its answer has begun: for one who needs the whole of it before going on.
 *
 * @returns call it when the answer is whole
 */
export function endAtDeadline(exchange: Exchange, clock: Clock): () => void {
  const left = exchange.deadlineAt - clock.now();
  if (left === Number.POSITIVE_INFINITY) return () => {};
  const timer = setTimeout(() => cancel(exchange, tooLate(exchange)), Math.max(0, left));
  return () => clearTimeout(timer);
}
