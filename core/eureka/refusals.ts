/** What is wrong with a request, in plain text for who asked; and one line of the log for each who asks wrongly, not one a request. */
import type { Middleware } from 'koa';
import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { addressOf } from './admission.ts';
import { Refused } from './refused.ts';

/** Milliseconds between two lines of the same status for the same address. */
const PAUSE = 60_000;

/** Addresses, each with a status, that are remembered; beyond them the first is forgotten. */
const MOST = 1_000;

export interface RefusalsParts {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
  /** Told of each request that was refused: metrics. */
  onRefused(status: number): void;
}

export function refusals({ clock, logger, onRefused }: RefusalsParts): Middleware {
  const saidAt = new Map<string, number>();
  /** Whether a line is due. */
  const isDue = (key: string): boolean => {
    const now = clock.now();
    if (now - (saidAt.get(key) ?? Number.NEGATIVE_INFINITY) < PAUSE) return false;
    saidAt.delete(key);
    const [first] = saidAt.keys();
    if (saidAt.size >= MOST && first !== undefined) saidAt.delete(first);
    saidAt.set(key, now);
    return true;
  };
  return async function refusals(ctx, next) {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { status, message: reason } = error;
      const address = addressOf(ctx);
      onRefused(status);
      if (isDue(`${status} ${address}`)) logger.warn({ event: 'registry-refused', status, reason, method: ctx.method, address });
      ctx.status = status;
      ctx.type = 'text/plain';
      ctx.body = `${reason}\n`;
      // What is left of a body that is not read to its end would be taken for the next request.
      if (!ctx.req.readableEnded) ctx.set('Connection', 'close');
    }
  };
}
