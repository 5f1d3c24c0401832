/**
 * One free retry for a reset on a reused connection before the first byte: such a connection was most likely closed for
 * idleness while the request was on its way (RFC 9112 section 9.3.1), which says nothing of the service.
 */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import { Attempt } from './exchange.ts';
import { IDEMPOTENT } from './idempotent.ts';
import type { Layer } from './layer.ts';

export function reconnect(clock: Clock): Layer {
  return (attempt, next) =>
    next(attempt).catch((error: unknown) => {
      if (!wasIdleClose(error, attempt)) throw error;
      return next(new Attempt(attempt.exchange, clock.now()));
    });
}

function wasIdleClose(error: unknown, { exchange, reusedConnection }: Attempt): boolean {
  const replayable = (!exchange.body || exchange.body.replayable) && IDEMPOTENT.has(exchange.method);
  return reusedConnection && replayable && !exchange.cancelled && error instanceof Problem && error.code === 'connection-terminated';
}
