/** A service that traces as OpenTelemetry has it: a span for what it is asked, and one for what it asks in turn. */
import { createServer, type IncomingMessage } from 'node:http';
import { ROOT_CONTEXT, type SpanContext, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Bench } from './bench.ts';

export interface TracedServiceOptions {
  readonly name: string;
  readonly port: number;
  readonly otlp: string;
  /** @param fetch calls others, within the trace @returns the status */
  handle(request: IncomingMessage, fetch: (url: string) => Promise<number>): Promise<number>;
}

/** @returns what sends the spans of now */
export async function startTracedService(bench: Bench, { name, port, otlp, handle }: TracedServiceOptions): Promise<() => Promise<void>> {
  const exporter = new OTLPTraceExporter({ url: `${otlp}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': name }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer(name);
  const server = createServer(async (request, response) => {
    const parent = trace.setSpanContext(ROOT_CONTEXT, remoteOf(request));
    const span = tracer.startSpan(`${request.method} ${request.url}`, { kind: SpanKind.SERVER }, parent);
    const status = await handle(request.resume(), async (url) => {
      const call = tracer.startSpan('GET', { kind: SpanKind.CLIENT }, trace.setSpan(parent, span));
      const { traceId, spanId } = call.spanContext();
      const answer = await fetch(url, { headers: { traceparent: `00-${traceId}-${spanId}-01` } });
      await answer.arrayBuffer();
      call.end();
      return answer.status;
    });
    span.end();
    if (status === 0) return;
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(port, '127.0.0.1');
  bench.undo(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  bench.undo(() => provider.shutdown());
  return () => provider.forceFlush();
}

function remoteOf({ headers }: IncomingMessage): SpanContext {
  const [, traceId = '', spanId = '', flags = '0'] = /^00-(\w{32})-(\w{16})-(\w{2})$/.exec(String(headers['traceparent'])) ?? [];
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
