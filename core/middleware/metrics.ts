/** The request's numbers: how many are under way, how long each took, by route and status. */
import type { Clock } from '../clock.ts';
import type { Middleware } from '../context.ts';
import { methodLabel } from '../telemetry/attributes.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { sentStatus } from './sent-status.ts';

export function metrics(instruments: Instruments, clock: Clock): Middleware {
  return async function metrics(ctx, next) {
    const { state } = ctx;
    const startedAt = clock.now();
    const base = { 'http.request.method': methodLabel(ctx.req.method ?? ''), 'url.scheme': state.client.scheme };
    const leave = instruments.activeRequests.enter();
    try {
      await next();
    } finally {
      leave();
      const { route, problem } = state;
      const status = sentStatus(ctx.res);
      const error = problem?.code ?? (status !== undefined && status >= 500 ? String(status) : undefined);
      instruments.serverDuration.record((clock.now() - startedAt) / 1000, {
        ...base,
        ...(status === undefined ? {} : { 'http.response.status_code': status }),
        ...(route ? { 'http.route': route.template, 'gateway.route.id': route.name } : {}),
        ...(error === undefined ? {} : { 'error.type': error }),
      });
    }
  };
}
