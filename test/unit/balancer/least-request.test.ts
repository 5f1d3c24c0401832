import { expect } from 'chai';
import fc from 'fast-check';
import { leastRequest } from '../../../core/balancer/least-request.ts';
import { aCandidate, aTry } from './candidate.ts';
import { seeded } from './seeded.ts';

const candidate = fc.record({ weight: fc.integer({ min: 1, max: 50 }), inFlight: fc.nat(50) });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('leastRequest', () => {
  it('chooses nobody among none, and the one among one', () => {
    expect(leastRequest(seeded(1))([], aTry)).to.equal(undefined);
    const only = aCandidate({ inFlight: 9 });
    expect(leastRequest(seeded(1))([only], aTry)).to.equal(only);
  });

  it('draws two, and never chooses the more loaded of them for its weight', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 2, maxLength: 10 }), chance, chance, chance, (candidates, first, second, third) => {
        const drawn = new Set<number>();
        const draws = [first, second, third];
        const chosen = leastRequest(() => draws.shift() ?? 0)(
          candidates.map((one, index) => ({
            ...aCandidate(one),
            index,
            // Whose load is looked at was drawn.
            get inFlight() {
              drawn.add(index);
              return one.inFlight;
            },
          })),
          aTry,
        );
        expect(drawn.size).to.equal(2);
        expect(chosen && drawn.has(chosen.index)).to.equal(true);
        const loads = [...drawn].map((index) => (candidates[index]?.inFlight ?? 0) / (candidates[index]?.weight ?? 1));
        expect(chosen && chosen.inFlight / chosen.weight).to.equal(Math.min(...loads));
      }),
    );
  });

  it('every pair can be drawn', () => {
    const candidates = [0, 1, 2, 3].map((index) => aCandidate({ index, inFlight: index }));
    const choose = leastRequest(seeded(7));
    const counts = [0, 0, 0, 0];
    for (let turn = 0; turn < 6000; turn += 1) {
      const index = choose(candidates, aTry)?.index ?? 0;
      counts[index] = (counts[index] ?? 0) + 1;
    }
    // Of the six pairs the idlest is in three, the next in two more, the third in one, and the busiest never wins.
    for (const [index, pairs] of [3, 2, 1, 0].entries()) expect((counts[index] ?? 0) / 6000).to.be.closeTo(pairs / 6, 0.03);
  });

  it('equals share by weight', () => {
    const candidates = [aCandidate({ name: 'heavy', weight: 3 }), aCandidate({ name: 'light', weight: 1 })];
    const choose = leastRequest(seeded(3));
    let heavy = 0;
    for (let turn = 0; turn < 10_000; turn += 1) if (choose(candidates, aTry)?.name === 'heavy') heavy += 1;
    expect(heavy / 10_000).to.be.closeTo(0.75, 0.02);
  });
});
