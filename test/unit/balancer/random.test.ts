import { expect } from 'chai';
import fc from 'fast-check';
import { random } from '../../../core/balancer/random.ts';
import { aCandidate, aTry } from './candidate.ts';
import { seeded } from './seeded.ts';

describe('random', () => {
  it('chooses nobody among none', () => {
    expect(random(seeded(1))([], aTry)).to.equal(undefined);
  });

  it('chooses each in proportion to its weight', () => {
    const candidates = [1, 2, 7].map((weight) => aCandidate({ weight }));
    const choose = random(seeded(42));
    const turns = 20_000;
    const counts = candidates.map(() => 0);
    for (let turn = 0; turn < turns; turn += 1) {
      const chosen = choose(candidates, aTry);
      const index = chosen ? candidates.indexOf(chosen) : -1;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    for (const [index, { weight }] of candidates.entries()) expect((counts[index] ?? 0) / turns).to.be.closeTo(weight / 10, 0.015);
  });

  it('is decided by chance alone, from its least to its greatest value', () => {
    const candidates = ['a', 'b', 'c'].map((name) => aCandidate({ name }));
    const chosen = (chance: number) => random(() => chance)(candidates, aTry)?.name;
    expect([0, 0.33, 0.34, 0.66, 0.67, 1 - Number.EPSILON].map(chosen)).to.deep.equal(['a', 'a', 'b', 'b', 'c', 'c']);
  });

  it('always chooses one that is offered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (weights, chance) => {
          const candidates = weights.map((weight) => aCandidate({ weight }));
          const chosen = random(() => chance)(candidates, aTry);
          expect(chosen && candidates.includes(chosen)).to.equal(true);
        },
      ),
    );
  });
});
