/** `/metrics`: the instruments as Prometheus text, with the unit suffixes that its naming rules and dashboards expect. */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import {
  AggregationTemporality,
  type MetricDescriptor,
  type MetricProducer,
  MetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';

export type Scrape = () => Promise<string>;

/** Collects only when asked. */
class ScrapeReader extends MetricReader {
  constructor(metricProducers: MetricProducer[]) {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE, metricProducers });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Units of the semantic conventions and their Prometheus words; `{request}` and the like have none. */
const SUFFIXES: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds', By: 'bytes', '1': 'ratio' };

/** @param producers of metrics beside the SDK's own */
export function prometheusReader(producers: MetricProducer[]): { reader: MetricReader; scrape: Scrape } {
  const reader = new ScrapeReader(producers);
  // Neither the instrumentation scope on every line nor a prefix: names are those that dashboards know.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);
  return {
    reader,
    async scrape() {
      const { resourceMetrics, errors } = await reader.collect();
      if (errors.length > 0) throw new AggregateError(errors, 'Some metrics could not be collected.');
      return serializer.serialize(withUnits(resourceMetrics));
    },
  };
}

function withUnits(collected: ResourceMetrics): ResourceMetrics {
  return {
    ...collected,
    scopeMetrics: collected.scopeMetrics.map((scope) => ({
      ...scope,
      metrics: scope.metrics.map((metric) => ({ ...metric, descriptor: withUnit(metric.descriptor) })),
    })),
  };
}

function withUnit(descriptor: MetricDescriptor): MetricDescriptor {
  const suffix = SUFFIXES[descriptor.unit];
  if (suffix === undefined) return { ...descriptor, unit: '' };
  return { ...descriptor, unit: suffix, name: `${descriptor.name}_${suffix}` };
}
