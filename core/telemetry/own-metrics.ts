/**
 * The instruments that every request records to, and gauges of what comes and goes, counted here and handed to OpenTelemetry by its MetricProducer when metrics
 * are collected: the SDK's own would cost each request as much as all else that it is watched with (series.ts).
 */
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { Distribution } from './distribution.ts';
import { SeriesByAttributes } from './series.ts';

/** A histogram of OpenTelemetry's, as far as requests use it. */
export interface Histogram {
  record(value: number, attributes: Attributes): void;
  /** Ends every series that has these attributes. One that is recorded to again begins with nothing, and says since when. */
  drop(attributes: Attributes): void;
}

/** A counter of OpenTelemetry's, as far as requests use it. */
export interface Counter {
  add(count: number, attributes: Attributes): void;
}

export interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  /** Names of the attributes; what is recorded with others is recorded without these. */
  readonly attributes: readonly string[];
}

export interface OwnMetrics {
  readonly producer: MetricProducer;
  /** @param boundaries the upper bounds of the buckets, rising; each belongs to its bucket */
  histogram(name: string, boundaries: readonly number[], options: InstrumentOptions): Histogram;
  counter(name: string, options: InstrumentOptions): Counter;
  /**
   * A gauge that is read when metrics are collected. Whatever it does not tell of any more is gone, where the SDK's goes on
   * reporting it as it last was.
   */
  gauge(name: string, options: Omit<InstrumentOptions, 'attributes'>, read: () => Iterable<Reading>): void;
}

/** What a gauge shows, and of what. */
export type Reading = readonly [value: number, attributes: Attributes];

type Collect = (endTime: HrTime) => MetricData;

/** @param scope the instrumentation scope @param epoch milliseconds since 1970 */
export function ownMetrics(scope: { name: string; version: string }, epoch: () => number): OwnMetrics {
  const collects: Collect[] = [];
  /** A series tells of the time since it began: that what is counted is less than before means that it began again. */
  const since = () => hrTime(epoch());
  return {
    producer: {
      async collect() {
        const endTime = hrTime(epoch());
        const metrics = collects.map((collect) => collect(endTime)).filter(({ dataPoints }) => dataPoints.length > 0);
        return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
      },
    },

    histogram(name, boundaries, { description, unit, attributes }) {
      const distributions = new SeriesByAttributes(attributes, () => ({ startTime: since(), distribution: new Distribution(boundaries) }));
      collects.push((endTime) => ({
        descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: Array.from(distributions, ({ attributes, count: { startTime, distribution } }) => ({
          startTime,
          endTime,
          attributes,
          value: distribution.value(),
        })),
      }));
      return {
        record: (value, attributes) => distributions.of(attributes).distribution.record(value),
        drop: (attributes) => distributions.drop(attributes),
      };
    },

    counter(name, { description, unit, attributes }) {
      const totals = new SeriesByAttributes(attributes, () => ({ startTime: since(), total: 0 }));
      collects.push((endTime) => ({
        descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints: Array.from(totals, ({ attributes, count: { startTime, total } }) => ({ startTime, endTime, attributes, value: total })),
      }));
      return {
        add(count, attributes) {
          totals.of(attributes).total += count;
        },
      };
    },

    gauge(name, { description, unit }, read) {
      collects.push((endTime) => ({
        descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.GAUGE,
        dataPoints: Array.from(read(), ([value, attributes]) => ({ startTime: endTime, endTime, attributes, value })),
      }));
    },
  };
}

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)];
}
