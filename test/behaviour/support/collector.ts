/** A collector: an HTTP server that takes what is sent by OTLP and keeps it, decoded. */
import { startUpstream } from '../../support/upstream.ts';
import { logsOf, metricsOf, type SentLog, type SentMetric, type SentSpan, spansOf } from './otlp.ts';

export interface Collector {
  /** For `telemetry.otlp`. */
  readonly url: string;
  readonly spans: SentSpan[];
  readonly metrics: SentMetric[];
  readonly logs: SentLog[];
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: SentSpan[] = [];
  const metrics: SentMetric[] = [];
  const logs: SentLog[] = [];
  const server = await startUpstream((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      if (req.url === '/v1/traces') spans.push(...spansOf(body));
      else if (req.url === '/v1/metrics') metrics.push(...metricsOf(body));
      else if (req.url === '/v1/logs') logs.push(...logsOf(body));
      res.writeHead(200, { 'Content-Type': 'application/x-protobuf', 'Content-Length': 0 }).end();
    });
  });
  return { url: server.url, spans, metrics, logs, close: server.close };
}
