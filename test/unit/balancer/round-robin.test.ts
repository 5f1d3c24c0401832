import { expect } from 'chai';
import fc from 'fast-check';
import { roundRobin } from '../../../core/balancer/round-robin.ts';
import { aCandidate, aTry } from './candidate.ts';

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 8 });
const candidatesOf = (all: readonly number[]) => all.map((weight, index) => aCandidate({ index, weight }));

describe('roundRobin', () => {
  it('chooses nobody among none', () => {
    expect(roundRobin()([], aTry)).to.equal(undefined);
  });

  it('gives each exactly its weight in any window of as many turns as all weights together', () => {
    fc.assert(
      fc.property(weights, fc.nat(100), (all, skipped) => {
        const candidates = candidatesOf(all);
        const choose = roundRobin();
        const total = all.reduce((sum, weight) => sum + weight, 0);
        for (let turn = 0; turn < skipped; turn += 1) choose(candidates, aTry);
        const turns = Array.from({ length: total }, () => choose(candidates, aTry)?.index);
        expect(all.map((_, index) => turns.filter((chosen) => chosen === index).length)).to.deep.equal(all);
      }),
    );
  });

  it('spreads the turns of a heavy one among the others', () => {
    const candidates = candidatesOf([5, 1, 1]);
    const choose = roundRobin();
    const turns = Array.from({ length: 7 }, () => choose(candidates, aTry)?.index);
    expect(turns).to.deep.equal([0, 0, 1, 0, 2, 0, 0]);
  });

  it('goes round among equals in their order', () => {
    const candidates = candidatesOf([1, 1, 1]);
    const choose = roundRobin();
    expect(Array.from({ length: 6 }, () => choose(candidates, aTry)?.index)).to.deep.equal([0, 1, 2, 0, 1, 2]);
  });

  it('never chooses one that is not offered, and goes on fairly when it is back', () => {
    fc.assert(
      fc.property(weights, fc.array(fc.nat(255), { maxLength: 50 }), (all, masks) => {
        const candidates = candidatesOf(all);
        const choose = roundRobin();
        for (const mask of masks) {
          const offered = candidates.filter(({ index }) => (mask >> index) & 1);
          const chosen = choose(offered, aTry);
          expect(offered.length === 0 ? chosen === undefined : chosen && offered.includes(chosen)).to.equal(true);
        }
        const turns = new Set(Array.from({ length: 400 }, () => choose(candidates, aTry)?.index));
        expect(turns.size).to.equal(all.length);
      }),
    );
  });
});
