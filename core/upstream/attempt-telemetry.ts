/** The layer that shows each try: one client span (resend_count on a retry), one duration, and the trace context on the wire. */
import { type Attributes, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { asProblem } from '../problem.ts';
import { methodLabel } from '../telemetry/attributes.ts';
import type { Occurrence } from '../telemetry/figures.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { endpointKey, type Statistics } from '../telemetry/statistics.ts';
import { inject } from '../telemetry/trace-context.ts';
import type { Attempt } from './exchange.ts';
import type { Layer } from './layer.ts';
import { tellAnswered, tellFailed } from './tell.ts';
import { watch } from './watch.ts';

export interface AttemptTelemetryParts {
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  readonly recorder: Pick<Statistics, 'attempt'>;
  readonly clock: Clock;
}

export function attemptTelemetry({ tracer, instruments, recorder, clock }: AttemptTelemetryParts): Layer {
  /** As the statistics know them. */
  const keys = new WeakMap<Endpoint, string>();
  const keyOf = (service: string, endpoint: Endpoint): string => {
    let key = keys.get(endpoint);
    if (key === undefined) {
      key = endpointKey(service, endpoint.authority);
      keys.set(endpoint, key);
    }
    return key;
  };

  return (attempt, next) => {
    const { exchange, endpoint } = attempt;
    const method = methodLabel(exchange.method);
    const span = tracer.startSpan(method, { kind: SpanKind.CLIENT }, exchange.trace);
    inject(span.spanContext(), attempt.headers);
    if (span.isRecording() && endpoint) describe(span, attempt, endpoint);
    const finish = (status: number | undefined, errorType: string | undefined, now: number) => {
      if (errorType !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', errorType);
      if (status !== undefined) span.setAttribute('http.response.status_code', status);
      span.end();
      const attributes: Attributes = { 'http.request.method': method, 'gateway.service.name': exchange.service };
      if (endpoint) {
        attributes['server.address'] = endpoint.hostname;
        attributes['server.port'] = endpoint.port;
      }
      if (status !== undefined) attributes['http.response.status_code'] = status;
      if (errorType !== undefined) attributes['error.type'] = errorType;
      instruments.clientDuration.record((now - attempt.startedAt) / 1000, attributes);
    };
    const tell = (occurrence: Occurrence, now: number) => {
      if (endpoint) recorder.attempt(keyOf(exchange.service, endpoint), occurrence, now);
    };
    return watch(
      attempt,
      next(attempt),
      (response) => {
        const { status } = response;
        attempt.respondedAt = clock.now();
        attempt.endedAt = attempt.respondedAt;
        attempt.outcome = status;
        finish(status, status >= 400 ? String(status) : undefined, attempt.respondedAt);
        tellAnswered(exchange, response, attempt.respondedAt - attempt.startedAt, clock, tell);
      },
      (error: unknown) => {
        // An old connection that was just closed says nothing of the endpoint (reconnect.ts).
        if (!attempt.reusedConnection) tellFailed(exchange, error, clock.now() - attempt.startedAt, clock, tell);
        const problem = asProblem(error);
        const { code } = problem;
        attempt.endedAt = clock.now();
        attempt.outcome = problem;
        // A client that left is no error of the service.
        finish(undefined, code === 'client-closed' ? undefined : code, attempt.endedAt);
      },
    );
  };
}

/** Ends what was counted of tries to an endpoint that has left: endpoints come and go, and each would be counted for ever. */
export function forgetAttempts({ clientDuration }: Instruments, service: string, { hostname, port }: Endpoint): void {
  clientDuration.drop({ 'gateway.service.name': service, 'server.address': hostname, 'server.port': port });
}

function describe(span: Span, { exchange, number }: Attempt, endpoint: Endpoint): void {
  span.setAttributes({
    'http.request.method': methodLabel(exchange.method),
    'server.address': endpoint.hostname,
    'server.port': endpoint.port,
    'url.full': `${endpoint.url.origin}${exchange.path.split('?', 1)[0]}`,
    'gateway.service.name': exchange.service,
  });
  if (number > 0) span.setAttribute('http.request.resend_count', number);
}
