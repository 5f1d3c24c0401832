/** One line a request: what was asked, by whom, what it came to, and where the time went. */
import { INVALID_TRACEID } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { Context, Middleware } from '../context.ts';
import { rounded } from '../telemetry/figures.ts';
import type { Log } from '../telemetry/logger.ts';
import { classify } from '../upstream/classify.ts';
import { afterwards } from './afterwards.ts';
import { causes } from './causes.ts';
import type { Remember } from './recent.ts';
import { sentStatus } from './sent-status.ts';

export interface AccessLogOptions {
  log: Pick<Log, 'logger' | 'request'>;
  clock: Clock;
  /** `telemetry.accessLog`; failures of the gateway itself are logged in any case. */
  enabled: boolean;
  /** Told of every request too. */
  remember: Remember;
}

/** A line is exported beside its trace: when the trace is sampled. */
export function accessLog({ log, clock, enabled, remember }: AccessLogOptions): Middleware {
  return function accessLog(ctx, next) {
    return afterwards(ctx.state, next(), () => {
      const { problem, requestId, span, startedAt } = ctx.state;
      if (problem?.code === 'internal-error') log.logger.error({ event: 'internal-error', requestId, err: problem });
      remember(ctx, startedAt);
      if (enabled) log.request(line(ctx, clock.now() - startedAt), span.isRecording());
    });
  };
}

interface Line {
  event: 'request';
  [field: string]: string | number | undefined;
}

function line(ctx: Context, duration: number): Line {
  const { state, req, res } = ctx;
  const { exchange, problem, principal } = state;
  const status = sentStatus(res);
  const line: Line = { event: 'request', requestId: state.requestId };
  const { traceId, spanId } = state.span.spanContext();
  if (traceId !== INVALID_TRACEID) {
    line['traceId'] = traceId;
    line['spanId'] = spanId;
  }
  line['method'] = req.method;
  line['path'] = state.target?.path;
  line['status'] = status;
  line['outcome'] = classify(status, problem);
  line['durationMs'] = rounded(duration);
  line['route'] = state.route?.name;
  if (principal?.kind === 'user') line['user'] = principal.subject;
  if (principal?.kind === 'caller') line['caller'] = principal.name;
  line['client'] = state.client.address;
  if (state.cache !== undefined) line['cache'] = state.cache;
  if (exchange) {
    const attempt = exchange.attempts.at(-1);
    line['service'] = exchange.service;
    line['endpoint'] = attempt?.endpoint?.authority;
    line['attempts'] = exchange.attempts.length;
    if (attempt && attempt.respondedAt > 0) line['upstreamMs'] = rounded(attempt.respondedAt - attempt.startedAt);
    line['bytesIn'] = exchange.body?.bytes;
  }
  if (state.parts)
    line['parts'] = state.parts.map(({ name, outcome, milliseconds }) => `${name}=${outcome}:${rounded(milliseconds)}`).join(' ');
  if (problem) {
    line['problem'] = problem.code;
    line['cause'] = causes(problem);
  }
  return line;
}
