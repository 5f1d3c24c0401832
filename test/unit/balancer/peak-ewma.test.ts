import { expect } from 'chai';
import fc from 'fast-check';
import type { Candidate } from '../../../core/balancer/balancer.ts';
import { peakEwma } from '../../../core/balancer/peak-ewma.ts';
import { PeakEwma } from '../../../core/endpoint/latency.ts';
import { aCandidate } from './candidate.ts';
import { seeded } from './seeded.ts';

const at = { now: 0, hashKey: undefined };

/** Observed once, at 0. */
function thatTook(rtt: number, told: Partial<Candidate> = {}) {
  const latency = new PeakEwma();
  latency.observe(rtt, 0);
  return aCandidate({ latency, ...told });
}

/** How many of a thousand tries each of two gets, with nothing changing between them. */
function shares(one: Candidate, other: Candidate, now = 0): [number, number] {
  const choose = peakEwma(seeded(11));
  const chosen = Array.from({ length: 1000 }, () => choose([one, other], { now, hashKey: undefined }));
  return [chosen.filter((each) => each === one).length, chosen.filter((each) => each === other).length];
}

describe('peakEwma', () => {
  it('chooses the cheaper of two: by latency, tries under way and weight', () => {
    const side = fc.record({
      rtt: fc.integer({ min: 1, max: 5000 }),
      inFlight: fc.nat(50),
      weight: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(side, side, fc.nat(), (left, right, seed) => {
        const [one, other] = [thatTook(left.rtt, left), thatTook(right.rtt, right)];
        const cost = (given: typeof left) => (given.rtt * (given.inFlight + 1)) / given.weight;
        const chosen = peakEwma(seeded(seed))([one, other], at);
        if (cost(left) !== cost(right)) expect(chosen).to.equal(cost(left) < cost(right) ? one : other);
      }),
    );
  });

  it('equals share by weight', () => {
    const [heavy] = shares(aCandidate({ weight: 3 }), aCandidate({ weight: 1 }));
    expect(heavy / 1000).to.be.closeTo(0.75, 0.04);
  });

  it('an endpoint that was never tried is tried at the first chance, once', () => {
    const known = thatTook(1);
    expect(shares(known, aCandidate({}))).to.deep.equal([0, 1000]);
    expect(shares(thatTook(30_000, { inFlight: 500 }), aCandidate({ inFlight: 1 }))).to.deep.equal([1000, 0]);
  });

  it('while nobody has answered, who has the least under way for its weight', () => {
    expect(shares(aCandidate({ inFlight: 2 }), aCandidate({ inFlight: 1 }))).to.deep.equal([0, 1000]);
    expect(shares(aCandidate({ inFlight: 3, weight: 4 }), aCandidate({ inFlight: 1 }))).to.deep.equal([1000, 0]);
  });

  it('an endpoint that was slow is tried again in time', () => {
    const slow = thatTook(1000);
    const quick = thatTook(10);
    const chosen = [30_000, 60_000].map((now) => {
      quick.latency.observe(10, now);
      return shares(slow, quick, now)[0] > 0;
    });
    expect(chosen).to.deep.equal([false, true]);
  });

  it('a long silence does not make it free', () => {
    const slow = thatTook(1000, { inFlight: 20 });
    const quick = thatTook(10);
    quick.latency.observe(10, 3_600_000);
    expect(shares(slow, quick, 3_600_000)).to.deep.equal([0, 1000]);
  });
});
