/** One line a request: what was asked, by whom, what it came to, and where the time went. */
import { isSpanContextValid } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { Context, Middleware, Principal } from '../context.ts';
import type { Logger } from '../telemetry/logger.ts';
import { classify } from '../upstream/classify.ts';
import { sentStatus } from './sent-status.ts';

/** @param enabled `telemetry.accessLog`; failures of the gateway itself are logged in any case */
export function accessLog(logger: Logger, clock: Clock, enabled: boolean): Middleware {
  return async function accessLog(ctx, next) {
    const startedAt = clock.now();
    try {
      await next();
    } finally {
      const { problem } = ctx.state;
      if (problem?.code === 'internal-error') logger.error({ event: 'internal-error', requestId: ctx.state.requestId, err: problem });
      if (enabled) logger.info(line(ctx, clock.now() - startedAt));
    }
  };
}

function line(ctx: Context, duration: number): object {
  const { state, req, res } = ctx;
  const { exchange, problem, span } = state;
  const status = sentStatus(res);
  const spanContext = span.spanContext();
  const attempt = exchange?.attempts.at(-1);
  return {
    event: 'request',
    requestId: state.requestId,
    ...(isSpanContextValid(spanContext) ? { traceId: spanContext.traceId, spanId: spanContext.spanId } : {}),
    method: req.method,
    path: state.target?.path,
    status,
    outcome: classify(status, problem),
    durationMs: round(duration),
    route: state.route?.name,
    ...identity(state.principal),
    client: state.client.address,
    ...(exchange
      ? {
          service: exchange.service,
          endpoint: attempt?.endpoint?.authority,
          attempts: exchange.attempts.length,
          upstreamMs: attempt && attempt.respondedAt > 0 ? round(attempt.respondedAt - attempt.startedAt) : undefined,
          bytesIn: exchange.body?.bytes,
        }
      : {}),
    ...(problem ? { problem: problem.code, cause: causes(problem) } : {}),
  };
}

function identity(principal: Principal | undefined): object {
  if (principal?.kind === 'user') return { user: principal.subject };
  if (principal?.kind === 'caller') return { caller: principal.name };
  return {};
}

/** The chain of causes, outermost first: service, endpoint, what the system said. */
function causes(error: Error): string | undefined {
  const chain: string[] = [];
  for (let cause = error.cause; cause instanceof Error && chain.length < 5; cause = cause.cause) {
    if (!chain.at(-1)?.endsWith(cause.message)) chain.push(cause.message);
  }
  return chain.length > 0 ? chain.join(': ') : undefined;
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
