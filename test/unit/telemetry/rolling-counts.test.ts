import { expect } from 'chai';
import fc from 'fast-check';
import { RollingCounts } from '../../../core/telemetry/rolling-counts.ts';
import { RollingMax } from '../../../core/telemetry/rolling-max.ts';

const names = ['success', 'failure'] as const;

/** Steps of a quarter of a millisecond, some of them longer than any window. */
const after = fc.oneof(fc.nat(40), fc.nat(4_000), fc.nat(80_000)).map((quarters) => quarters / 4);
const shape = fc.record({ width: fc.integer({ min: 1, max: 1_000 }), buckets: fc.integer({ min: 1, max: 12 }) });

/** The plain model: everything that ever happened, of which that of the bucket of now and those before it counts. */
function within<Event extends { at: number }>(events: readonly Event[], now: number, width: number, buckets: number): Event[] {
  const from = (Math.floor(now / width) - buckets + 1) * width;
  return events.filter(({ at }) => at >= from);
}

describe('RollingCounts', () => {
  it('counts what was added in the last ten seconds, in steps of one', () => {
    const counts = new RollingCounts(names, { window: 10_000 });
    counts.add('success', 500);
    counts.add('success', 1_500, 3);
    counts.add('failure', 9_999);
    expect(counts.sums(9_999)).to.deep.equal({ success: 4, failure: 1 });
    expect(counts.sums(10_000)).to.deep.equal({ success: 3, failure: 1 });
    expect(counts.sums(18_999)).to.deep.equal({ success: 0, failure: 1 });
    expect(counts.sums(19_000)).to.deep.equal({ success: 0, failure: 0 });
  });

  it('knows nothing after a long silence', () => {
    const counts = new RollingCounts(names, { window: 10_000 });
    counts.add('success', 0);
    expect(counts.sum('success', 1e12)).to.equal(0);
  });

  it('forgets when told to, and counts on', () => {
    const counts = new RollingCounts(names, { window: 10_000 });
    counts.add('success', 0);
    counts.reset();
    counts.add('success', 1_000);
    expect(counts.sum('success', 1_000)).to.equal(1);
    expect(counts.sum('success', 10_000)).to.equal(1);
  });

  it('counts a moment that is past to the current bucket', () => {
    const counts = new RollingCounts(names, { window: 10_000 });
    counts.add('success', 5_000);
    counts.add('success', 4_000);
    expect(counts.sum('success', 14_999)).to.equal(2);
    expect(counts.sum('success', 15_000)).to.equal(0);
  });

  it('counts what the plain model counts', () => {
    const step = fc.record({ after, name: fc.constantFrom(...names), by: fc.nat(5), reads: fc.boolean(), resets: fc.nat(20) });
    fc.assert(
      fc.property(shape, fc.array(step, { maxLength: 100, size: 'max' }), ({ width, buckets }, steps) => {
        const counts = new RollingCounts(names, { window: width * buckets, buckets });
        let events: { at: number; name: string; by: number }[] = [];
        let now = 0;
        for (const one of steps) {
          now += one.after;
          if (one.resets === 0) {
            counts.reset();
            events = [];
          }
          counts.add(one.name, now, one.by);
          events.push({ at: now, name: one.name, by: one.by });
          if (!one.reads) continue;
          for (const name of names) {
            const expected = within(events, now, width, buckets).reduce((sum, event) => sum + (event.name === name ? event.by : 0), 0);
            expect(counts.sum(name, now)).to.equal(expected);
          }
        }
      }),
    );
  });
});

describe('RollingMax', () => {
  it('is the highest of the last ten seconds', () => {
    const concurrency = new RollingMax({ window: 10_000 });
    concurrency.record(7, 0);
    concurrency.record(3, 1_000);
    expect([9_999, 10_000, 11_000].map((now) => concurrency.max(now))).to.deep.equal([7, 3, 0]);
  });

  it('is what the plain model finds', () => {
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.record({ after, value: fc.nat(50), reads: fc.boolean() }), { maxLength: 100, size: 'max' }),
        ({ width, buckets }, steps) => {
          const highest = new RollingMax({ window: width * buckets, buckets });
          const events: { at: number; value: number }[] = [];
          let now = 0;
          for (const { after, value, reads } of steps) {
            now += after;
            highest.record(value, now);
            events.push({ at: now, value });
            if (reads) expect(highest.max(now)).to.equal(Math.max(...within(events, now, width, buckets).map((event) => event.value)));
          }
        },
      ),
    );
  });
});
