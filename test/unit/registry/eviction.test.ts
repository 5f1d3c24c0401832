import { expect } from 'chai';
import fc from 'fast-check';
import { drawn, evictionLimit } from '../../../core/registry/eviction.ts';

describe('eviction', () => {
  it('takes at most what self preservation does not need, and at least one', () => {
    const sizes = [0, 1, 2, 7, 10, 100];
    expect(sizes.map((size) => evictionLimit(size, true))).to.deep.equal([0, 1, 1, 2, 2, 15]);
    expect(sizes.map((size) => evictionLimit(size, false))).to.deep.equal([0, 1, 2, 7, 2, 15]);
  });

  it('draws some of the expired, none twice, and leaves the list alone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat()),
        fc.nat(20),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (pool, count, chance) => {
          const before = [...pool];
          const taken = drawn(pool, count, () => chance.next().value ?? 0);
          expect(taken).to.have.length(Math.min(count, pool.length));
          expect(new Set(taken).size).to.equal(taken.length);
          expect(pool).to.include.members(taken).and.deep.equal(before);
        },
      ),
    );
  });

  it('draws each as often as the other', () => {
    const counts = [0, 0, 0, 0];
    let turn = 0;
    // Every combination of two draws, once.
    for (let first = 0; first < 4; first += 1)
      for (let second = 0; second < 3; second += 1) {
        const chances = [(first + 0.5) / 4, (second + 0.5) / 3];
        turn = 0;
        for (const one of drawn([0, 1, 2, 3], 2, () => chances[turn++] ?? 0)) counts[one] = (counts[one] ?? 0) + 1;
      }
    expect(counts).to.deep.equal([6, 6, 6, 6]);
  });
});
