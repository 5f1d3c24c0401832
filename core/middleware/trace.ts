/** The server span: one a request, named by its route's template, with the names of the semantic conventions. */
import { type Link, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Context, Middleware } from '../context.ts';
import type { Problem } from '../problem.ts';
import { methodLabel } from '../telemetry/attributes.ts';
import { contextOf, extract, withSpan } from '../telemetry/trace-context.ts';
import { classify } from '../upstream/classify.ts';
import { afterwards } from './afterwards.ts';
import { sentStatus } from './sent-status.ts';

export interface TraceOptions {
  tracer: Tracer;
  /** Whether every peer's trace is continued; otherwise only a trusted proxy's is, and a stranger's is linked to a new one. */
  continueAll: boolean;
}

const NO_LINKS: Link[] = [];

export function trace({ tracer, continueAll }: TraceOptions): Middleware {
  return function trace(ctx, next) {
    const { state, req } = ctx;
    const remote = extract(req.headers);
    const continued = continueAll || state.client.trusted ? remote : undefined;
    const links: Link[] = remote && !continued ? [{ context: remote }] : NO_LINKS;
    const method = methodLabel(req.method ?? '');
    const parent = continued ? contextOf(continued) : ROOT_CONTEXT;
    state.span = tracer.startSpan(method, { kind: SpanKind.SERVER, links }, parent);
    state.trace = withSpan(parent, state.span);
    return afterwards(state, next(), () => {
      if (state.span.isRecording()) describe(state.span, method, ctx);
      state.span.end();
    });
  };
}

function describe(span: Span, method: string, ctx: Context): void {
  const { client, route, problem, target, requestId, exchange, principal } = ctx.state;
  const status = sentStatus(ctx.res);
  const failed = status !== undefined && status >= 500;
  span.updateName(route ? `${method} ${route.template}` : method);
  span.setAttributes({
    'http.request.method': method,
    'url.path': target?.path ?? '',
    'url.scheme': client.scheme,
    'client.address': client.address,
    'network.peer.address': client.peer,
    'server.address': ctx.state.host,
    'network.protocol.version': ctx.req.httpVersion,
    'gateway.request.id': requestId,
    'gateway.outcome': classify(status, problem),
  });
  const agent = ctx.req.headers['user-agent'];
  if (agent !== undefined) span.setAttribute('user_agent.original', agent);
  if (route) span.setAttributes({ 'http.route': route.template, 'gateway.route.id': route.name });
  if (exchange) span.setAttribute('gateway.service.name', exchange.service);
  // Of people the log alone tells, beside the trace's id: traces go to more places, and are read by more.
  if (principal?.kind === 'caller') span.setAttribute('gateway.caller.name', principal.name);
  if (ctx.state.cache !== undefined) span.setAttribute('gateway.cache.result', ctx.state.cache);
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  // An answer that was cut is a failure too, whatever status it began with.
  if (failed || (problem && problem.failure.source !== 'client')) span.setStatus({ code: SpanStatusCode.ERROR });
  if (problem && problem.code !== 'client-closed') span.setAttribute('error.type', problem.code);
  else if (failed) span.setAttribute('error.type', String(status));
  if (problem && isRefusal(problem, ctx)) span.setAttribute('gateway.refused', true);
}

/** Whether the gateway itself said no, and no service was asked. */
function isRefusal({ code, failure }: Problem, { state: { exchange, parts } }: Context): boolean {
  if (code === 'client-closed' || failure.status === 500) return false;
  return parts === undefined && (exchange === undefined || exchange.attempts.every(({ endpoint }) => endpoint === undefined));
}
