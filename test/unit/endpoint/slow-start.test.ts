import { expect } from 'chai';
import fc from 'fast-check';
import { ramp } from '../../../core/endpoint/slow-start.ts';

const time = fc.integer({ min: 0, max: 1_000_000 });

describe('slow start', () => {
  it('goes from a tenth to the whole in a straight line', () => {
    const parts = [0, 500, 1000, 2500, 5000, 9999, 10_000, 90_000].map((elapsed) => ramp(700, 700 + elapsed, 10_000));
    expect(parts).to.deep.equal([0.1, 0.1, 0.1, 0.25, 0.5, 0.9999, 1, 1]);
  });

  it('never falls, and stays within its bounds', () => {
    fc.assert(
      fc.property(time, time, time, time, (since, sooner, more, duration) => {
        const [before, after] = [ramp(since, since + sooner, duration), ramp(since, since + sooner + more, duration)];
        expect(before).to.be.within(0.1, 1);
        expect(after).to.be.within(before, 1);
      }),
    );
  });

  it('is over at once when it takes no time', () => {
    expect(ramp(5, 5, 0)).to.equal(1);
  });
});
