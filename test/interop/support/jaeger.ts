/** Jaeger in one process: it receives OTLP over HTTP, keeps traces in memory and answers its query API. */
import { join } from 'node:path';
import { type Bench, freePort } from './bench.ts';
import { accepting } from './program.ts';

export interface Span {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
  readonly tags: readonly { readonly key: string; readonly value: unknown }[];
  readonly processID: string;
}

export interface Trace {
  readonly traceID: string;
  readonly spans: readonly Span[];
  readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
}

export interface Jaeger {
  /** Where `telemetry.otlp` points. */
  readonly otlp: string;
  /** Where it answers queries, `host:port`. */
  readonly query: string;
  services(): Promise<readonly string[]>;
  /** Every trace the service has a span in. */
  traces(service: string): Promise<readonly Trace[]>;
}

export async function startJaeger(bench: Bench): Promise<Jaeger> {
  const [otlp, query, grpc] = [await freePort(), await freePort(), await freePort()];
  const file = await bench.file(
    'jaeger.yaml',
    `
service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines: { traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] } }
  telemetry: { metrics: { level: none }, logs: { level: warn } }
extensions:
  jaeger_storage: { backends: { here: { memory: { max_traces: 10000 } } } }
  jaeger_query:
    storage: { traces: here }
    http: { endpoint: '127.0.0.1:${query}' }
    grpc: { endpoint: '127.0.0.1:${grpc}' }
receivers:
  otlp: { protocols: { http: { endpoint: '127.0.0.1:${otlp}' } } }
exporters:
  jaeger_storage_exporter: { trace_storage: here }
`,
  );
  const program = bench.start(join(import.meta.dirname, '../.cache/bin/jaeger'), ['--config', file]);
  await accepting(program, otlp);
  await accepting(program, query);
  const ask = async <T>(path: string): Promise<T | undefined> => {
    const response = await fetch(`http://127.0.0.1:${query}${path}`);
    return response.ok ? ((await response.json()) as { data: T }).data : undefined;
  };
  return {
    otlp: `http://127.0.0.1:${otlp}`,
    query: `127.0.0.1:${query}`,
    services: async () => (await ask<string[]>('/api/services')) ?? [],
    traces: async (service) => (await ask<Trace[]>(`/api/traces?service=${service}&limit=100`)) ?? [],
  };
}
