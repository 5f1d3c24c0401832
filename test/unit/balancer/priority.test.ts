import { expect } from 'chai';
import fc from 'fast-check';
import { foremost } from '../../../core/balancer/priority.ts';

describe('foremost', () => {
  it('is those of the lowest number, and the same array when all have the same', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ priority: fc.integer({ min: 0, max: 4 }) })), (candidates) => {
        const lowest = Math.min(...candidates.map(({ priority }) => priority));
        const wanted = candidates.filter(({ priority }) => priority === lowest);
        expect(foremost(candidates)).to.deep.equal(wanted);
        if (wanted.length === candidates.length) expect(foremost(candidates)).to.equal(candidates);
      }),
    );
  });
});
