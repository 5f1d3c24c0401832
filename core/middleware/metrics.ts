/** The request's numbers: how many are under way, how long each took, by route and status. */
import type { Attributes } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { Middleware } from '../context.ts';
import { methodLabel } from '../telemetry/attributes.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { afterwards } from './afterwards.ts';
import { sentStatus } from './sent-status.ts';

export function metrics(instruments: Instruments, clock: Clock): Middleware {
  return function metrics(ctx, next) {
    const { state } = ctx;
    const method = methodLabel(ctx.req.method ?? '');
    const scheme = state.client.scheme;
    const leave = instruments.activeRequests.enter({ 'http.request.method': method, 'url.scheme': scheme });
    return afterwards(state, next(), () => {
      leave();
      const { route, problem } = state;
      const status = sentStatus(ctx.res);
      const attributes: Attributes = { 'http.request.method': method, 'url.scheme': scheme };
      if (status !== undefined) attributes['http.response.status_code'] = status;
      if (route) {
        attributes['http.route'] = route.template;
        attributes['gateway.route.id'] = route.name;
      }
      const error = problem?.code ?? (status !== undefined && status >= 500 ? String(status) : undefined);
      if (error !== undefined) attributes['error.type'] = error;
      instruments.serverDuration.record((clock.now() - state.startedAt) / 1000, attributes);
    });
  };
}
