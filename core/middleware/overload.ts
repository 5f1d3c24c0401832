/** Refuses requests while the gateway itself is overloaded, those of the least priority first; the admin port is apart. */
import type { Middleware } from '../context.ts';
import { Problem, REDUCED_CAPACITY } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Pressure } from '../telemetry/pressure.ts';

/** By `priority` of the route: the pressure from which on it is refused. */
const refusedFrom = { background: 0.9, normal: 1, critical: 2 } as const;

/** @param instruments where refusals are counted */
export function overload(
  pressure: Pick<Pressure, 'level'>,
  { overloadRejected }: { readonly overloadRejected: Pick<Instruments['overloadRejected'], 'add'> },
): Middleware {
  return function overload(ctx, next) {
    const priority = ctx.state.route?.config.priority ?? 'normal';
    if (pressure.level() < refusedFrom[priority]) return next();
    overloadRejected.add(1, { priority });
    throw new Problem('overloaded', { retryAfter: 1, type: REDUCED_CAPACITY });
  };
}
