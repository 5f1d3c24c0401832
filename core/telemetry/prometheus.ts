/**
 * `/metrics`: the instruments as Prometheus text, with the unit suffixes that its naming rules and dashboards expect. A thousand
 * routes are megabytes of it, so it is written in slices, between which requests go on.
 */
import { finished } from 'node:stream/promises';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, type MetricDescriptor, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { ByteText } from './byte-text.ts';
import { unitSuffix } from './exposition.ts';
import type { OwnMetrics } from './own-metrics.ts';
import { SERIES } from './series.ts';

/** How a text is asked for. */
export type Coding = 'identity' | 'gzip';

/** The text of now, in chunks. Who asks while it is being written for another is given the same. */
export type Scrape = (coding: Coding) => Promise<readonly Buffer[]>;

/** Collects only when asked. */
class ScrapeReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE, cardinalitySelector: () => SERIES });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** Bytes that are written at a time, which takes about a quarter of a millisecond, and packing it half a one; then requests have their turn. */
const SLICE = 128 * 1024;

/** The fastest: it is the same few words over and over, of which the best makes a third less in five times the time. */
const LEVEL = 1;

/** @param own what is not the SDK's */
export function prometheusReader(own: Pick<OwnMetrics, 'expose'>): { reader: MetricReader; scrape: Scrape } {
  const reader = new ScrapeReader();
  // Neither the instrumentation scope on every line nor a prefix: names are those that dashboards know.
  const serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  /** @param take of each slice; what it is given is good until it is done */
  const write = async (take: (slice: Buffer) => Promise<void>): Promise<void> => {
    const { resourceMetrics, errors } = await reader.collect();
    if (errors.length > 0) throw new AggregateError(errors, 'Some metrics could not be collected.');
    await take(Buffer.from(serializer.serialize(withUnits(resourceMetrics))));
    const text = new ByteText(SLICE + SLICE / 8);
    for (const _ of own.expose(text)) {
      if (text.length < SLICE) continue;
      await take(text.written);
      text.clear();
    }
    await take(text.written);
  };
  const scrapes: Readonly<Record<Coding, Scraping>> = { identity: shared(() => plain(write)), gzip: shared(() => gzipped(write)) };
  return { reader, scrape: (coding) => scrapes[coding]() };
}

type Scraping = () => Promise<readonly Buffer[]>;
type Write = (take: (slice: Buffer) => Promise<void>) => Promise<void>;

/** One at a time: whoever asks while it is under way waits for that one. */
function shared(work: Scraping): Scraping {
  let underWay: Promise<readonly Buffer[]> | undefined;
  return () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

async function plain(write: Write): Promise<readonly Buffer[]> {
  const chunks: Buffer[] = [];
  await write(async (slice) => {
    chunks.push(Buffer.from(slice));
    await othersFirst();
  });
  return chunks;
}

/** On a thread of its own, slice by slice, so that never more than one is there unpacked. */
async function gzipped(write: Write): Promise<readonly Buffer[]> {
  const chunks: Buffer[] = [];
  const gzip = createGzip({ level: LEVEL, chunkSize: SLICE }).on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    await write((slice) => new Promise((resolve, reject) => gzip.write(slice, (error) => (error ? reject(error) : resolve()))));
    await finished(gzip.end());
    return chunks;
  } finally {
    gzip.destroy();
  }
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
  const suffix = unitSuffix(descriptor.unit);
  if (suffix === undefined) return { ...descriptor, unit: '' };
  return { ...descriptor, unit: suffix, name: `${descriptor.name}_${suffix}` };
}
