import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import fc from 'fast-check';
import { ownMetrics } from '../../../core/telemetry/own-metrics.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

describe('own metrics', () => {
  it('come to what the instruments of the SDK come to', async () => {
    const recorded = fc.array(fc.tuple(fc.double({ min: 0, max: 5, noNaN: true }), fc.constantFrom('a', 'b')), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(recorded, async (values) => {
        const own = ownMetrics({ name: 'test', version: '1' }, () => 0);
        const reader = new Reader({ metricProducers: [own.producer] });
        const meter = new MeterProvider({ readers: [reader] }).getMeter('test', '1');
        const boundaries = [0, 0.5, 1, 3];
        const histograms = [
          meter.createHistogram('h', { unit: 's', advice: { explicitBucketBoundaries: boundaries } }),
          own.histogram('h', boundaries, { description: '', unit: 's', attributes: ['route'] }),
        ];
        const counters = [meter.createCounter('c'), own.counter('c', { description: '', unit: '', attributes: ['route'] })];
        for (const [value, route] of values) {
          for (const histogram of histograms) histogram.record(value, { route });
          for (const counter of counters) counter.add(1, { route });
        }
        const { resourceMetrics, errors } = await reader.collect();
        expect(errors).to.deep.equal([]);
        const [theirs, ours] = resourceMetrics.scopeMetrics.map(({ metrics }) =>
          metrics.map(({ descriptor, dataPoints, dataPointType, aggregationTemporality }) => ({
            named: [descriptor.name, descriptor.unit, descriptor.valueType, dataPointType, aggregationTemporality],
            points: dataPoints.map(({ attributes, value }) => ({ attributes, value: plain(value) })),
          })),
        );
        expect(ours).to.deep.equal(theirs);
      }),
      { numRuns: 50 },
    );
  });

  it('say nothing of an instrument that nothing was recorded with', async () => {
    const own = ownMetrics({ name: 'test', version: '1' }, () => 0);
    own.counter('c', { description: '', unit: '', attributes: [] });
    const { resourceMetrics } = await own.producer.collect();
    expect(resourceMetrics.scopeMetrics.map(({ metrics }) => metrics)).to.deep.equal([[]]);
  });

  it('as gauges are what they are now, without what is gone', async () => {
    let there = ['a', 'b'];
    const own = ownMetrics({ name: 'test', version: '1' }, () => 0);
    const reader = new Reader({ metricProducers: [own.producer] });
    new MeterProvider({ readers: [reader] });
    own.gauge('g', { description: '', unit: '' }, () => there.map((id) => [there.length, { id }]));
    const points = async () => {
      const { scopeMetrics } = (await reader.collect()).resourceMetrics;
      return scopeMetrics.flatMap(({ metrics }) =>
        metrics.flatMap(({ dataPoints }) => dataPoints.map(({ attributes, value }) => [attributes['id'], value])),
      );
    };
    expect(await points()).to.deep.equal([
      ['a', 2],
      ['b', 2],
    ]);
    there = ['b'];
    expect(await points()).to.deep.equal([['b', 1]]);
    there = [];
    expect(await points()).to.deep.equal([]);
  });

  it('begin anew after they were dropped, and say since when', async () => {
    let now = 1_000;
    const own = ownMetrics({ name: 'test', version: '1' }, () => now);
    const histogram = own.histogram('h', [1], { description: '', unit: 's', attributes: ['id', 'status'] });
    const points = async () => (await own.producer.collect()).resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
    for (const status of [200, 404]) histogram.record(0.5, { id: 'a', status });
    histogram.record(0.5, { id: 'b', status: 200 });
    histogram.drop({ id: 'a' });
    expect((await points()).map(({ attributes }) => attributes)).to.deep.equal([{ id: 'b', status: 200 }]);
    now = 5_000;
    histogram.record(0.5, { id: 'a', status: 200 });
    expect(
      (await points()).map(({ attributes, startTime, value }) => [attributes['id'], startTime[0], (value as { count: number }).count]),
    ).to.deep.equal([
      ['b', 1, 1],
      ['a', 5, 1],
    ]);
  });

  it('run from when they began to when they are collected', async () => {
    let now = 1_500;
    const own = ownMetrics({ name: 'test', version: '1' }, () => now);
    own.counter('c', { description: '', unit: '', attributes: [] }).add(1, {});
    now = 2_250;
    const { resourceMetrics } = await own.producer.collect();
    const [point] = resourceMetrics.scopeMetrics[0]?.metrics[0]?.dataPoints ?? [];
    expect([point?.startTime, point?.endTime]).to.deep.equal([
      [1, 500_000_000],
      [2, 250_000_000],
    ]);
  });
});

/** Without what the SDK's histograms tell of their own inside. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { hasMinMax: _, ...rest } = value as Record<string, unknown>;
  return rest;
}
