import { expect } from 'chai';
import fc from 'fast-check';
import { Latencies, LatencySum } from '../../../core/telemetry/latencies.ts';

const PERCENTS = [1, 25, 50, 90, 99, 99.9, 100] as const;

/** From a microsecond to an hour, small and large ones as likely. */
const latency = fc.double({ min: -10, max: 21, noNaN: true }).map((exponent) => 2 ** exponent);
/** Many of them are alike, as latencies are. */
const latencies = fc.oneof(
  fc.array(latency, { minLength: 1, maxLength: 400 }),
  fc.array(fc.double({ min: 1, max: 9, noNaN: true }), { minLength: 1, maxLength: 400 }),
);

function recorded(values: readonly number[]): Latencies {
  const all = new Latencies();
  for (const value of values) all.record(value);
  return all;
}

function summed(...all: readonly Latencies[]): LatencySum {
  const sum = new LatencySum();
  for (const one of all) one.addTo(sum);
  return sum;
}

/** By the nearest rank. */
const exactly = (values: readonly number[], percent: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil((percent * values.length) / 100) - 1] ?? Number.NaN;

describe('Latencies', () => {
  it('has every percentile within 0.8 %, however many there are', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const sum = summed(recorded(values));
        for (const [nth, value] of sum.percentiles(PERCENTS).entries())
          expect(value).to.be.closeTo(exactly(values, PERCENTS[nth] ?? 0), exactly(values, PERCENTS[nth] ?? 0) * 0.008);
        expect(sum.max).to.equal(Math.max(...values));
      }),
    );
  });

  it('knows the same of all that were taken in as if it had recorded them, and of all that are summed up', () => {
    fc.assert(
      fc.property(latencies, latencies, latencies, (some, more, most) => {
        const whole = summed(recorded([...some, ...more, ...most])).percentiles(PERCENTS);
        const taken = recorded(some);
        taken.add(recorded(more));
        taken.add(recorded(most));
        expect(summed(taken).percentiles(PERCENTS)).to.deep.equal(whole);
        expect(summed(recorded(some), recorded(more), recorded(most)).percentiles(PERCENTS)).to.deep.equal(whole);
      }),
    );
  });

  it('takes in without harm to the other', () => {
    const [one, other] = [recorded([1]), recorded(Array.from({ length: 200 }, (_, nth) => nth))];
    const empty = new Latencies();
    empty.add(other);
    one.add(other);
    empty.record(1_000);
    expect(summed(other).max).to.equal(199);
    expect(summed(other).percentiles([100])).to.deep.equal([199]);
  });

  it('is right where there are few', () => {
    expect(summed(recorded([20])).percentiles([50, 90, 99])).to.deep.equal([20, 20, 20]);
    const [p50, p90, p99] = summed(recorded([1, 101])).percentiles([50, 90, 99]);
    expect(p50).to.be.closeTo(1, 0.008);
    expect([p90, p99]).to.deep.equal([101, 101]);
  });

  it('has none where there is none, once cleared too', () => {
    const one = recorded([1, 2, 3]);
    one.clear();
    expect([summed(one).max, ...summed(one, new Latencies()).percentiles([50, 99])]).to.deep.equal([null, null, null]);
    one.record(7);
    expect(summed(one).percentiles([1, 100])).to.deep.equal([7, 7]);
    const sum = summed(recorded([5]));
    sum.clear();
    recorded([3]).addTo(sum);
    expect(sum.percentiles([50])).to.deep.equal([3]);
  });

  it('takes whatever a clock may give', () => {
    const extremes = recorded([0, 1e-9, 1e12, Number.POSITIVE_INFINITY]);
    expect(summed(extremes).percentiles([50])).to.deep.equal([0]);
    expect(summed(extremes).max).to.equal(Number.POSITIVE_INFINITY);
  });

  it('counts more than two bytes hold', () => {
    const many = new Latencies();
    for (let times = 0; times < 70_000; times += 1) many.record(1);
    const more = recorded([1]);
    more.add(many);
    more.add(many);
    for (let times = 0; times < 1_500; times += 1) more.record(64);
    const [p98, p99] = summed(more).percentiles([98, 99.9]);
    expect(p98).to.be.closeTo(1, 0.008);
    expect(p99).to.be.closeTo(64, 0.512);
  });
});
