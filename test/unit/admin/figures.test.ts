import { expect } from 'chai';
import fc from 'fast-check';
import { coarse, rounded } from '../../../core/admin/figures.ts';

describe('figures for people', () => {
  it('have no more digits than are read', () => {
    expect([0, 0.123, 1.239, 12.34, 123.6, Number.NaN].map(rounded)).to.deep.equal([0, 0.12, 1.24, 12.3, 124, 0]);
  });

  it('of what never stands still go by steps, none of them far off', () => {
    expect([0, 0.05, 0.12, 1.4, 4.4, 60, 960, 12_400].map(coarse)).to.deep.equal([0, 0, 0.1, 1.5, 5, 50, 1000, 10_000]);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), (value) => {
        expect(coarse(value) / value).to.be.within(0.7, 1.4);
      }),
    );
  });
});
