/**
 * The instruments that every request records to, and gauges of what comes and goes, counted here: the SDK's own would cost each
 * request as much as all else that it is watched with (series.ts). They are handed to OpenTelemetry by its MetricProducer when
 * metrics are sent, and written for Prometheus a series at a time.
 */
import { setImmediate as othersFirst } from 'node:timers/promises';
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, DataPointType, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics';
import type { ByteText } from './byte-text.ts';
import { Distribution } from './distribution.ts';
import { family, histogramWriter, type Labels, labelsOf, sampleWriter } from './exposition.ts';
import { SeriesByAttributes } from './series.ts';

/** Series of one instrument, after which requests have their turn. */
const PAUSE = 200;

/** Bytes of text that are kept from one exposition to the next, of all histograms. */
const ROOM = 32 * 1024 * 1024;

/** A histogram of OpenTelemetry's, as far as requests use it. */
export interface Histogram {
  record(value: number, attributes: Attributes): void;
  /** Ends every series that has these attributes. One that is recorded to again begins with nothing, and says since when. */
  drop(attributes: Attributes): void;
}

/** A counter of OpenTelemetry's, as far as requests use it. */
export interface Counter {
  add(count: number, attributes: Attributes): void;
  /** Ends every series that has these attributes, as that of a histogram. */
  drop(attributes: Attributes): void;
}

export interface InstrumentOptions {
  readonly description: string;
  readonly unit: string;
  /** Names of the attributes; what is recorded with others is recorded without these. */
  readonly attributes: readonly string[];
}

export interface OwnMetrics {
  readonly producer: MetricProducer;
  /**
   * Writes Prometheus' text, a series each time that it is asked to go on. It may be done with pauses: every series is told as it
   * is when its turn comes, and one that goes meanwhile is left out.
   */
  expose(into: ByteText): Iterable<void>;
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

interface Instrument {
  collect(endTime: HrTime): MetricData;
  /** Writes its series in Prometheus' text, one at a time. */
  expose(into: ByteText, room: Room): Iterable<void>;
}

/** Bytes that one exposition may still keep. */
interface Room {
  left: number;
}

/**
 * @param scope the instrumentation scope
 * @param epoch milliseconds since 1970
 * @param keep bytes of text that are kept, so that it costs what has changed: most series have not since they were last told
 */
export function ownMetrics(scope: { name: string; version: string }, epoch: () => number, keep: number = ROOM): OwnMetrics {
  const instruments: Instrument[] = [];
  /** A series tells of the time since it began: that what is counted is less than before means that it began again. */
  const since = () => hrTime(epoch());
  return {
    producer: {
      async collect() {
        const endTime = hrTime(epoch());
        const metrics: MetricData[] = [];
        for (const instrument of instruments) {
          const collected = instrument.collect(endTime);
          if (collected.dataPoints.length > 0) metrics.push(collected);
          // Thousands are read in milliseconds, and what is done with them takes longer.
          if (collected.dataPoints.length > PAUSE) await othersFirst();
        }
        return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
      },
    },

    *expose(into) {
      const room = { left: keep };
      for (const instrument of instruments) yield* instrument.expose(into, room);
    },

    histogram(name, boundaries, { description, unit, attributes }) {
      const create = () => ({ startTime: since(), distribution: new Distribution(boundaries), labels: unwritten, told: 0, lines: unkept });
      const distributions = new SeriesByAttributes(attributes, create);
      const { name: full, head } = family(name, 'histogram', { description, unit });
      const write = histogramWriter(full, boundaries);
      instruments.push({
        collect: (endTime) => ({
          descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: Array.from(distributions, ({ attributes, count: { startTime, distribution } }) => ({
            startTime,
            endTime,
            attributes,
            value: distribution.value(),
          })),
        }),
        *expose(into, room) {
          let before = head;
          for (const { attributes, count: series } of distributions) {
            const { distribution, told } = series;
            const { count } = distribution;
            into.text(before);
            before = '';
            if (told === count && series.lines) into.bytes(series.lines);
            else {
              series.labels ??= labelsOf(attributes);
              const start = into.length;
              write(into, series.labels, distribution);
              // One that is busy is another each time.
              series.lines = told === count ? into.since(start) : unkept;
              series.told = count;
            }
            // Counted anew each time, for series go without a word.
            room.left -= series.lines?.length ?? 0;
            if (room.left < 0) series.lines = unkept;
            yield;
          }
        },
      });
      return {
        record: (value, attributes) => distributions.of(attributes).distribution.record(value),
        drop: (attributes) => distributions.drop(attributes),
      };
    },

    counter(name, { description, unit, attributes }) {
      const totals = new SeriesByAttributes(attributes, () => ({ startTime: since(), total: 0, labels: unwritten }));
      const { name: full, head } = family(name, 'counter', { description, unit });
      const write = sampleWriter(full);
      instruments.push({
        collect: (endTime) => ({
          descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.SUM,
          isMonotonic: true,
          dataPoints: Array.from(totals, ({ attributes, count: { startTime, total } }) => ({
            startTime,
            endTime,
            attributes,
            value: total,
          })),
        }),
        *expose(into) {
          let before = head;
          for (const { attributes, count } of totals) {
            count.labels ??= labelsOf(attributes);
            into.text(before);
            before = '';
            write(into, count.labels, count.total);
            yield;
          }
        },
      });
      return {
        add(count, attributes) {
          totals.of(attributes).total += count;
        },
        drop: (attributes) => totals.drop(attributes),
      };
    },

    gauge(name, { description, unit }, read) {
      const { name: full, head } = family(name, 'gauge', { description, unit });
      const write = sampleWriter(full);
      instruments.push({
        collect: (endTime) => ({
          descriptor: { name, description, unit, valueType: ValueType.DOUBLE },
          aggregationTemporality: AggregationTemporality.CUMULATIVE,
          dataPointType: DataPointType.GAUGE,
          dataPoints: Array.from(read(), ([value, attributes]) => ({ startTime: endTime, endTime, attributes, value })),
        }),
        *expose(into) {
          let before = head;
          for (const [value, attributes] of read()) {
            into.text(before);
            before = '';
            write(into, labelsOf(attributes), value);
            yield;
          }
        },
      });
    },
  };
}

/** Kept with a series once they are written: what it tells of never changes. */
const unwritten = undefined as Labels | undefined;
/** The text of a series to which nothing was recorded between two expositions, until something is. */
const unkept = undefined as Uint8Array | undefined;

function hrTime(milliseconds: number): HrTime {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, Math.round((milliseconds - seconds * 1_000) * 1e6)];
}
