import { expect } from 'chai';
import fc from 'fast-check';
import { PeakEwma } from '../../../core/endpoint/latency.ts';

const TAU = 10_000;
const rtt = fc.double({ min: 0, max: 60_000, noNaN: true });
const wait = fc.double({ min: 0, max: 100_000, noNaN: true });
const history = fc.array(fc.record({ wait, rtt }), { minLength: 1, maxLength: 30 });

/** The average after a history, and when that ended. */
function observed(observations: readonly { wait: number; rtt: number }[]): { latency: PeakEwma; at: number } {
  const latency = new PeakEwma();
  let at = 0;
  for (const one of observations) {
    at += one.wait;
    latency.observe(one.rtt, at);
  }
  return { latency, at };
}

const decayed = (value: number, over: number) => value * Math.exp(-over / TAU);
const nearly = (value: number) => value * 1e-9 + 1e-9;

describe('PeakEwma', () => {
  it('costs nobody knows what before it was observed', () => {
    expect(new PeakEwma().cost(5)).to.equal(undefined);
  });

  it('a peak takes over at once', () => {
    fc.assert(
      fc.property(history, wait, rtt, (past, later, peak) => {
        const { latency, at } = observed(past);
        const highest = Math.max(peak, ...past.map((one) => one.rtt));
        latency.observe(highest, at + later);
        expect(latency.cost(at + later)).to.be.closeTo(highest, nearly(highest));
      }),
    );
  });

  it('loses 63 % of what a peak added in ten seconds, of answers all the while or of none', () => {
    const quick = observed([{ wait: 0, rtt: 1000 }]).latency;
    for (let now = 100; now <= TAU; now += 100) quick.observe(10, now);
    expect(quick.cost(TAU)).to.be.closeTo(10 + 990 / Math.E, 1e-6);
    expect(observed([{ wait: 0, rtt: 1000 }]).latency.cost(TAU)).to.be.closeTo(1000 / Math.E, 1e-6);
  });

  it('is never below what is left of any single observation, nor above the highest', () => {
    fc.assert(
      fc.property(history, wait, (past, later) => {
        const { latency, at } = observed(past);
        const cost = latency.cost(at + later) ?? Number.NaN;
        let when = 0;
        for (const one of past) {
          when += one.wait;
          const left = decayed(one.rtt, at + later - when);
          expect(cost).to.be.at.least(left - nearly(left));
        }
        const highest = Math.max(...past.map((one) => one.rtt));
        expect(cost).to.be.at.most(highest + nearly(highest));
      }),
    );
  });

  it('is what working the whole history out anew says', () => {
    fc.assert(
      fc.property(history, wait, (past, later) => {
        const { latency, at } = observed(past);
        // The step from one observation to the next: the higher of two wins, what is above the lower one decays.
        const value = past.reduce((before, one) => {
          const part = decayed(1, one.wait);
          return one.rtt >= before ? one.rtt : part * before + (1 - part) * one.rtt;
        }, 0);
        const expected = decayed(value, later);
        expect(latency.cost(at + later)).to.be.closeTo(expected, nearly(expected));
      }),
    );
  });

  it('a slower answer never makes it cheaper', () => {
    fc.assert(
      fc.property(history, wait, rtt, rtt, (past, later, one, other) => {
        const costs = [Math.min(one, other), Math.max(one, other)].map((last) => {
          const { latency, at } = observed([...past, { wait: later, rtt: last }]);
          return latency.cost(at) ?? Number.NaN;
        });
        expect(costs[0]).to.be.at.most((costs[1] ?? 0) + nearly(costs[1] ?? 0));
      }),
    );
  });

  it('reading it changes nothing', () => {
    fc.assert(
      fc.property(history, fc.array(wait, { maxLength: 10 }), wait, rtt, (past, reads, later, last) => {
        const { latency, at } = observed(past);
        const left = observed(past).latency;
        for (const read of reads) latency.cost(at + read);
        for (const one of [latency, left]) one.observe(last, at + later);
        expect(latency.cost(at + later)).to.equal(left.cost(at + later));
      }),
    );
  });
});
