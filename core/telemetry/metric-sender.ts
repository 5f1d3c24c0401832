/** Sends metrics by OTLP, some at a time: packing those of a thousand routes in one go would hold up all requests for a tenth of a second. */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { type MetricProducer, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { SERIES } from './series.ts';

/** Series in a request. Of histograms, these are packed in some 5 ms. */
const BATCH = 200;

type Done = Parameters<PushMetricExporter['export']>[1];
type Failure = Parameters<Done>[0];

/** Of each round, what comes behind a request that failed fails with it: that may take `timeoutMillis`, and there are many. */
class RoundExporter extends OTLPMetricExporter {
  readonly #within: number;
  #until = 0;
  #failure: Failure | undefined;

  constructor(options: SendingOptions) {
    super(options);
    this.#within = options.timeoutMillis;
  }

  begin(): void {
    this.#until = performance.now() + this.#within;
    this.#failure = undefined;
  }

  override export(metrics: Parameters<PushMetricExporter['export']>[0], done: Done): void {
    if (!this.#failure && performance.now() > this.#until)
      this.#failure = { code: FAILED, error: new Error(`The collector took longer than ${this.#within} ms.`) };
    if (this.#failure) done(this.#failure);
    else
      super.export(metrics, (result) => {
        if (result.code === FAILED) this.#failure = result;
        done(result);
      });
  }
}

/** `ExportResultCode.FAILED` */
const FAILED = 1;

class Sender extends PeriodicExportingMetricReader {
  readonly #exporter: RoundExporter;

  constructor(exporter: RoundExporter, producer: MetricProducer) {
    super({ exporter, metricProducers: [producer], maxExportBatchSize: BATCH, cardinalityLimits: { default: SERIES } });
    this.#exporter = exporter;
  }

  /** Begins a round. */
  override collect(...options: Parameters<PeriodicExportingMetricReader['collect']>): ReturnType<PeriodicExportingMetricReader['collect']> {
    this.#exporter.begin();
    return super.collect(...options);
  }
}

export interface SendingOptions {
  readonly url: string;
  /** Milliseconds for each request, and after which a round begins none any more. */
  readonly timeoutMillis: number;
}

/** @param producer what is not the SDK's */
export function metricSender(options: SendingOptions, producer: MetricProducer): PeriodicExportingMetricReader {
  return new Sender(new RoundExporter(options), producer);
}
