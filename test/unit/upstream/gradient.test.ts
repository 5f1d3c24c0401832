import { expect } from 'chai';
import fc from 'fast-check';
import { GradientLimit } from '../../../core/upstream/gradient.ts';
import { type SimulatedService, simulate } from '../../load/support/simulated-service.ts';

interface Sample {
  rtt: number;
  inFlight: number;
  dropped: boolean;
  now: number;
}

const bounds = { min: 20, max: 1000 };

/** Samples of one kind, for as long as a number of windows of a tenth of a second takes. */
class Load {
  readonly limit: GradientLimit;
  now = 0;

  constructor(limit = new GradientLimit(bounds)) {
    this.limit = limit;
  }

  windows(count: number, sample: Partial<Sample> = {}): number {
    const { rtt = 10, inFlight, dropped = false } = sample;
    for (let one = 0; one < count * 11; one += 1) {
      this.limit.observe(rtt, inFlight ?? this.limit.current(), dropped, this.now);
      this.now += 10;
    }
    return this.limit.current();
  }
}

/** The limit after some samples, replayed from the whole list of them. */
function plainLimit(samples: readonly Sample[], { min, max }: { min: number; max: number }): number {
  const learned: number[] = [];
  let [limit, long, adjusted] = [min, 0, 0];
  // What the windows from here on are for; adjusting when there is none.
  let probe: string[] = [];
  let window: (Sample & { counted: number })[] = [];
  for (const sample of samples) {
    window.push({ ...sample, counted: sample.dropped && sample.rtt < 2 * long ? 2 * long : sample.rtt });
    const length = Math.min(10_000, Math.max(100, 2 * long)) * (probe.length > 0 ? 2 : 1);
    if (window.length < 10 || sample.now < (window[0]?.now ?? 0) + length) continue;
    const short = window.reduce((sum, { counted }) => sum + counted, 0) / window.length;
    const needed = window.some(({ inFlight }) => inFlight >= limit / 2);
    window = [];
    const [step, ...rest] = probe;
    probe = rest;
    if (step === 'measure') long = (long + short) / 2;
    if (step !== undefined) continue;
    if (learned.length < 10) {
      learned.push(short);
      // Until it is complete the average is the plain one, of what it was reduced to and the new ones.
      long += (short - long) / learned.length;
    } else if (!needed) long = long * (599 / 601) + short * (2 / 601);
    if (long > 2 * short) long *= 0.95;
    if (!needed) continue;
    const gradient = short === 0 ? 1 : Math.min(1, Math.max(0.5, long / short));
    limit = Math.min(max, Math.max(min, 0.8 * limit + 0.2 * (gradient * limit + limit ** 0.5)));
    adjusted += 1;
    if (adjusted % 50 === 0) probe = ['settle', 'measure'];
  }
  return Math.floor(probe.length > 0 ? Math.max(min, 0.75 * limit) : limit);
}

describe('GradientLimit', () => {
  it('begins with the lowest limit, and learns nothing from less than a window', () => {
    const limit = new GradientLimit(bounds);
    for (let sample = 0; sample < 1000; sample += 1) limit.observe(10, 20, false, sample / 11);
    expect(limit.current()).to.equal(20);
    const rare = new GradientLimit(bounds);
    for (let sample = 0; sample < 9; sample += 1) rare.observe(10, 20, false, sample * 1000);
    expect(rare.current()).to.equal(20);
    rare.observe(10, 20, false, 9000);
    rare.observe(10, 20, false, 9001);
    expect(rare.current()).to.equal(20);
  });

  it('grows while tries take no longer than usual and half of the limit is needed', () => {
    const load = new Load();
    // A fifth of the square root, 0.9 at first.
    expect(load.windows(5)).to.equal(24);
    expect(load.windows(40, { inFlight: 11 })).to.equal(24);
    expect(load.windows(40)).to.be.greaterThan(50);
    const limits = Array.from({ length: 2000 }, () => load.windows(1));
    expect(Math.max(...limits)).to.equal(1000);
  });

  it('shrinks by a tenth at most in a window, however slow the service is', () => {
    const load = new Load();
    const before = load.windows(30);
    expect(load.windows(1, { rtt: 10_000 })).to.be.within(before * 0.9, before * 0.95);
    expect(load.windows(15, { rtt: 10_000 })).to.equal(20);
  });

  it('probes at three quarters of the limit after fifty windows, and never below the lowest', () => {
    const load = new Load();
    const before = load.windows(49);
    expect(load.windows(1)).to.be.within(before * 0.75, before * 0.8);
    expect(load.windows(3)).to.be.below(before);
    expect(load.windows(1)).to.be.greaterThan(before);
    const slow = new Load();
    slow.windows(10);
    for (let window = 0; window < 200; window += 1) expect(slow.windows(1, { rtt: 11 + window * 10 })).to.be.at.least(20);
  });

  it('finds by its probes that a service has become slower for good', () => {
    const load = new Load();
    load.windows(150);
    load.windows(45, { rtt: 30 });
    const least = load.limit.current();
    load.windows(500, { rtt: 30 });
    expect(load.limit.current()).to.be.greaterThan(least * 2);
  });

  it('what was dropped quickly does not count as quick', () => {
    const load = new Load();
    const before = load.windows(45);
    expect(load.windows(20, { rtt: 1, dropped: true })).to.be.below(before / 2);
  });

  it('does not climb under lasting overload, nor strangle the service', () => {
    const service = (time: SimulatedService['time']): SimulatedService => ({ capacity: 1, servers: () => 50, time });
    for (const one of [service(() => 50), service((chance) => -50 * Math.log(1 - chance()))]) {
      const { limits, goodput } = simulate(one, new GradientLimit(bounds), { load: 2, duration: 120_000, seed: 3 });
      const settled = limits.slice(400).toSorted((a, b) => a - b);
      expect(settled[settled.length >> 1]).to.be.within(50, 62);
      expect(goodput).to.be.greaterThan(950);
    }
  });

  it('decides as the plain model does, within its bounds', () => {
    const phase = fc.record({
      rtt: fc.oneof(fc.constantFrom(0, 5, 10, 20), fc.nat(3000)),
      spread: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 1.2, noNaN: true }),
      apart: fc.double({ min: 0.5, max: 300, noNaN: true }),
      dropping: fc.nat(4),
      count: fc.integer({ min: 1, max: 1500 }),
    });
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 30 }), (phases, min) => {
        const options = { min, max: min * 8 };
        const limit = new GradientLimit(options);
        const samples: Sample[] = [];
        const limits = new Set<number>();
        let now = 0;
        for (const { rtt, spread, share, apart, dropping, count } of phases) {
          for (let one = 0; one < count; one += 1) {
            now += apart;
            const swing = 1 + spread * Math.sin(one);
            const sample = { rtt: rtt * swing, inFlight: Math.ceil(limit.current() * share), dropped: one % 10 < dropping, now };
            samples.push(sample);
            limit.observe(sample.rtt, sample.inFlight, sample.dropped, now);
            limits.add(limit.current());
          }
          // Sums in another order may fall on the other side of a whole number.
          expect(limit.current()).to.be.closeTo(plainLimit(samples, options), 1);
        }
        for (const one of limits) expect(one).to.satisfy(Number.isInteger).and.be.within(options.min, options.max);
      }),
    );
  });
});
