/** The OpenTelemetry SDK of one gateway: its tracer, its instruments, and where they are sent. */
import { context, logs, type Meter, metrics, propagation, type Tracer, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor } from '@opentelemetry/sdk-logs';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from '../config/schema/index.ts';
import { version } from '../version.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { type ExportLine, noExport } from './logger.ts';
import { metricSender } from './metric-sender.ts';
import { ownMetrics } from './own-metrics.ts';
import type { Pressure } from './pressure.ts';
import { prometheusReader, type Scrape } from './prometheus.ts';

export interface Telemetry {
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  /** For Prometheus. */
  readonly scrape: Scrape;
  /** Sends one log line by OTLP. */
  readonly exportLine: ExportLine;
  /** From now on such a share of new traces is taken, from 0 to 1. */
  sample(share: number): void;
  /** Sends the metrics as they are at this moment. */
  sendMetrics(): Promise<void>;
  /** Sends what is still held back. */
  shutdown(): Promise<void>;
}

/** Milliseconds for one delivery, retries included: a collector that is gone must not hold up the end of the process for long. */
const DELIVERY = 3_000;

/** Without `otlp` nothing is sent and no span begun; a trace that passes through is passed on as it came. */
export function startTelemetry(
  name: string,
  instanceId: string,
  { otlp, sampling }: TelemetryConfig,
  pressure: Pick<Pressure, 'level'>,
): Telemetry {
  const own = ownMetrics({ name: 'postern', version }, Date.now);
  const { reader, scrape } = prometheusReader(own);
  const sending = (signal: 'traces' | 'metrics' | 'logs') => ({ url: `${otlp}/v1/${signal}`, timeoutMillis: DELIVERY });
  const sender = otlp === undefined ? undefined : metricSender(sending('metrics'), own.producer);
  let sampler = new TraceIdRatioBasedSampler(sampling);
  const root: Sampler = {
    shouldSample: (context, traceId) => sampler.shouldSample(context, traceId),
    toString: () => sampler.toString(),
  };
  const sdk = new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({ 'service.name': name, 'service.version': version, 'service.instance.id': instanceId }),
    instrumentations: [],
    textMapPropagator: null,
    metricReaders: sender ? [reader, sender] : [reader],
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: otlp === undefined ? [] : [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(sending('traces')) })],
    logRecordProcessors: otlp === undefined ? [] : [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(sending('logs')) })],
  });
  return apart(() => {
    sdk.start();
    const meter: Meter = metrics.getMeterProvider().getMeter('postern', version);
    const logger = logs.getLoggerProvider().getLogger('postern', version);
    return {
      tracer: trace.getTracerProvider().getTracer('postern', version),
      instruments: createInstruments(meter, own, pressure),
      scrape,
      exportLine:
        otlp === undefined ? noExport : (body, severityNumber, severityText) => logger.emit({ body, severityNumber, severityText }),
      sample(share) {
        sampler = new TraceIdRatioBasedSampler(share);
      },
      sendMetrics: async () => await sender?.forceFlush(),
      shutdown: () => sdk.shutdown(),
    };
  });
}

/**
 * The SDK registers its providers for the whole process. Taken back at once, each gateway keeps its own, so that two in one
 * process stay two services.
 */
function apart<T>(start: () => T): T {
  try {
    return start();
  } finally {
    for (const api of [trace, metrics, logs, propagation, context]) api.disable();
  }
}
