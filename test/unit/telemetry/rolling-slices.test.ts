import { expect } from 'chai';
import fc from 'fast-check';
import { RollingSlices, type Window, windows } from '../../../core/telemetry/rolling-slices.ts';

const once = { status: 200, problem: undefined, bytesIn: 0, bytesOut: 0, milliseconds: 1 };
const all = Object.keys(windows) as Window[];

interface Event {
  at: number;
  name: string;
}

/** The plain model: all that ever happened, of which that in the slice of now and those before it counts. */
function within(events: readonly Event[], window: Window, now: number): Record<string, number> {
  const { width, slices } = windows[window];
  const from = (Math.floor(now / width) - slices + 1) * width;
  const counts: Record<string, number> = {};
  for (const { at, name } of events) if (at >= from) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function told(rolling: RollingSlices, window: Window, now: number): Record<string, number> {
  const counts: Record<string, number> = {};
  let total = 0;
  for (const slice of rolling.look(window, now).slices) {
    total += slice.total.requests;
    for (const { name, figures } of slice.routes.places) counts[name] = (counts[name] ?? 0) + figures.requests;
  }
  expect(total).to.equal(Object.values(counts).reduce((sum, count) => sum + count, 0));
  return counts;
}

function count(rolling: RollingSlices, { at, name }: Event): void {
  const slice = rolling.at(at);
  slice.total.record(once);
  slice.routes.of(name).record(once);
}

describe('RollingSlices', () => {
  /** Some of them longer than any window, most within a slice or two. */
  const gap = fc.oneof(fc.nat(300), fc.nat(3_000), fc.nat(30_000), fc.nat(400_000));
  const step = fc.record({ after: gap, name: fc.constantFrom('a', 'b', 'c'), times: fc.integer({ min: 0, max: 5 }), look: fc.boolean() });

  it('has in each window what happened in it, however long it was silent and whoever looked between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(100_000), (steps, start) => {
        const rolling = new RollingSlices(start);
        const events: Event[] = [];
        let at = start;
        for (const { after, name, times, look } of steps) {
          at += after;
          for (let time = 0; time < times; time += 1) {
            events.push({ at, name });
            count(rolling, { at, name });
          }
          if (look) for (const window of all) expect(told(rolling, window, at), window).to.deep.equal(within(events, window, at));
        }
        for (const window of all) expect(told(rolling, window, at), window).to.deep.equal(within(events, window, at));
      }),
    );
  });

  it('is up to a window old, and no older than the gateway', () => {
    const rolling = new RollingSlices(1_000_500);
    expect(rolling.look('10s', 1_000_700).span).to.equal(1_000);
    expect(rolling.look('10s', 1_004_500).span).to.equal(4_000);
    expect(rolling.look('10s', 1_030_200).span).to.equal(9_200);
    expect(rolling.look('5m', 1_030_200).span).to.equal(29_700);
    for (const [window, longest] of [
      ['10s', 10_000],
      ['1m', 60_000],
      ['5m', 300_000],
    ] as const)
      for (let now = 2_000_000; now < 2_100_000; now += 3_333) {
        const { span } = rolling.look(window, now);
        expect(span)
          .to.be.at.most(longest)
          .and.at.least(longest * (5 / 6));
      }
  });

  it('needs no request of its own to take over what is over', () => {
    const rolling = new RollingSlices(0);
    // So many names that no request takes them all.
    for (let nth = 0; nth < 1_000; nth += 1) count(rolling, { at: 500, name: `route ${nth}` });
    count(rolling, { at: 1_500, name: 'another' });
    expect(Object.keys(told(rolling, '1m', 1_600))).to.have.length(1_001);
    expect(told(rolling, '10s', 11_000)).to.deep.equal({});
    expect(Object.keys(told(rolling, '5m', 250_000))).to.have.length(1_001);
  });
});
