/** W3C Trace Context and Baggage between header fields and OpenTelemetry's context. */
import {
  type Context,
  createTraceState,
  INVALID_TRACEID,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';

/** Version 00 ends behind the flags; a later one may go on. */
const TRACEPARENT = /^(?!ff|00.{54})[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** Members beyond are dropped by the specification's own rule for long lists. */
const TRACESTATE_LIMIT = 512;

type Fields = Readonly<Record<string, string | string[] | undefined>>;

/** The caller's span, or undefined when it sent none that is valid. */
export function extract(headers: Fields): SpanContext | undefined {
  const traceparent = headers['traceparent'];
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const state = headers['tracestate'];
  const context: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
    ...(typeof state === 'string' && state.length <= TRACESTATE_LIMIT ? { traceState: createTraceState(state) } : {}),
  };
  return isSpanContextValid(context) ? context : undefined;
}

export function contextOf(remote: SpanContext | undefined): Context {
  return remote ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

/** Of our own spans, whose ids need no look at each of their digits: without a tracer they have none. */
const isUnderWay = ({ traceId }: SpanContext): boolean => traceId !== INVALID_TRACEID;

/** The context of work done under a span; the same context when no trace is under way. */
export function withSpan(parent: Context, span: Span): Context {
  return isUnderWay(span.spanContext()) ? trace.setSpan(parent, span) : parent;
}

/** Appends `traceparent` and `tracestate` of a span to flat fields; nothing when no trace is under way. */
export function inject(span: SpanContext, fields: string[]): void {
  if (!isUnderWay(span)) return;
  fields.push('traceparent', `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`);
  const state = span.traceState?.serialize();
  if (state) fields.push('tracestate', state);
}
