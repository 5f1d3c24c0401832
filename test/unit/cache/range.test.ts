import { expect } from 'chai';
import fc from 'fast-check';
import { partOf } from '../../../core/cache/range.ts';

describe('the part of a stored answer that is asked for (RFC 9110 section 14)', () => {
  for (const [range, expected] of [
    ['bytes=0-1', { first: 0, last: 1 }],
    ['bytes=8-', { first: 8, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-30', { first: 0, last: 9 }],
    ['bytes=5-50', { first: 5, last: 9 }],
    ['Bytes=9-9', { first: 9, last: 9 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=3-2', 'whole'],
    ['bytes=0-1,3-4', 'whole'],
    ['bytes=-', 'whole'],
    ['lines=1-2', 'whole'],
    ['bytes=a-b', 'whole'],
  ] as const) {
    it(`${range} of ten bytes: ${JSON.stringify(expected)}`, () => expect(partOf(range, 10)).to.deep.equal(expected));
  }

  it('never reaches beyond the whole, and nothing of nothing', () => {
    const number = fc.oneof(fc.constant(''), fc.nat({ max: 1e15 }).map(String));
    fc.assert(
      fc.property(number, number, fc.nat({ max: 1000 }), (from, to, length) => {
        const part = partOf(`bytes=${from}-${to}`, length);
        if (typeof part !== 'object') return;
        expect(part.first).to.be.within(0, part.last);
        expect(part.last).to.be.below(length);
      }),
    );
  });
});
