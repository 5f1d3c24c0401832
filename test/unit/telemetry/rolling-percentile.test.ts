import { expect } from 'chai';
import fc from 'fast-check';
import { RollingPercentile } from '../../../core/telemetry/rolling-percentile.ts';

const after = fc.oneof(fc.nat(40), fc.nat(20_000), fc.nat(400_000)).map((quarters) => quarters / 4);
const value = fc.double({ min: 0, max: 60_000, noNaN: true });
const percent = fc.double({ min: -5, max: 105, noNaN: true });

/** Hystrix's definition, word for word: rank p/100 * n from 0, between the floor and the ceiling of it, the last past the end. */
function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  if (sorted.length === 0) return 0;
  if (p <= 0) return sorted[0] ?? Number.NaN;
  const rank = (p / 100) * sorted.length;
  const [low, high] = [Math.floor(rank), Math.ceil(rank)];
  if (p >= 100 || high >= sorted.length) return sorted.at(-1) ?? Number.NaN;
  const [below = Number.NaN, above = Number.NaN] = [sorted[low], sorted[high]];
  return below + (rank - low) * (above - below);
}

/** With those values in the first bucket, as the second begins. */
function of(values: readonly number[]) {
  const latency = new RollingPercentile({ bucketSize: 1_000 });
  for (const one of values) latency.add(one, 0);
  return latency.snapshot(10_000);
}

describe('RollingPercentile', () => {
  it('interpolates between the ranks', () => {
    const { mean, percentile } = of([40, 10, 30, 20]);
    expect(mean).to.equal(25);
    expect([0, 25, 50, 62.5, 75, 90, 100].map(percentile)).to.deep.equal([10, 20, 30, 35, 40, 40, 40]);
  });

  it('gives what Hystrix gives for a hundred values', () => {
    const { percentile } = of(Array.from({ length: 100 }, (_, index) => index + 1));
    expect([0, 25, 50, 90, 99, 99.5, 100].map(percentile)).to.deep.equal([1, 26, 51, 91, 100, 100, 100]);
  });

  it('is 0 throughout when there are no values', () => {
    const { mean, percentile } = of([]);
    expect([mean, ...[0, 50, 100].map(percentile)]).to.deep.equal([0, 0, 0, 0]);
  });

  it('is of the six whole buckets before the current one', () => {
    const latency = new RollingPercentile();
    latency.add(5, 0);
    expect(latency.snapshot(9_999).mean).to.equal(0);
    latency.add(7, 10_000);
    expect([10_000, 20_000, 69_999, 70_000, 80_000].map((now) => latency.snapshot(now).mean)).to.deep.equal([5, 6, 6, 7, 0]);
  });

  it('keeps the newest hundred of a bucket', () => {
    const latency = new RollingPercentile();
    for (let count = 0; count < 250; count += 1) latency.add(count, count);
    const { percentile } = latency.snapshot(10_000);
    expect([0, 100].map(percentile)).to.deep.equal([150, 249]);
  });

  it('is worked out once a bucket', () => {
    const latency = new RollingPercentile();
    latency.add(5, 0);
    const first = latency.snapshot(10_000);
    latency.add(9, 12_000);
    expect(latency.snapshot(19_999)).to.equal(first);
    expect(latency.snapshot(20_000)).to.not.equal(first);
  });

  it('says what the plain model says', () => {
    const shape = fc.record({
      width: fc.integer({ min: 1, max: 10_000 }),
      buckets: fc.integer({ min: 1, max: 7 }),
      bucketSize: fc.integer({ min: 1, max: 8 }),
    });
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.record({ after, value, asks: fc.boolean(), p: percent }), { maxLength: 80, size: 'max' }),
        ({ width, buckets, bucketSize }, steps) => {
          const latency = new RollingPercentile({ window: width * buckets, buckets, bucketSize });
          const values = new Map<number, number[]>();
          let now = 0;
          for (const { after, value, asks, p } of steps) {
            now += after;
            const current = Math.floor(now / width);
            values.set(current, [...(values.get(current) ?? []), value]);
            latency.add(value, now);
            if (!asks) continue;
            const sample = Array.from({ length: buckets }, (_, back) => (values.get(current - 1 - back) ?? []).slice(-bucketSize)).flat();
            const snapshot = latency.snapshot(now);
            const mean = sample.reduce((sum, one) => sum + one, 0) / Math.max(1, sample.length);
            expect(snapshot.percentile(p)).to.be.closeTo(percentile(sample, p), 1e-6);
            expect(snapshot.mean).to.be.closeTo(mean, 1e-6);
          }
        },
      ),
    );
  });
});
