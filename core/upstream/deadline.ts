/** The layer above all tries: how long they may take together (`timeouts.request`), to the first byte of the answer. */
import type { Clock } from '../clock.ts';
import type { Layer } from './layer.ts';

/** @param request milliseconds; the timeout layer below arms the timer, for whichever limit comes first */
export function deadline(request: number, clock: Clock): Layer {
  return (attempt, next) => {
    const { exchange } = attempt;
    exchange.deadlineAt = clock.now() + request;
    // The time an upload takes is the client's; the service's begins when it has the whole request.
    if (exchange.body)
      exchange.onSent = () => {
        exchange.deadlineAt = clock.now() + request;
      };
    return next(attempt);
  };
}
