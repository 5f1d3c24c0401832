import { expect } from 'chai';
import fc from 'fast-check';
import { type Bound, chainOf } from '../../../core/filter/chain.ts';
import type { Stage } from '../../../core/filter/filter.ts';

describe('the chain of a route', () => {
  const stages: readonly Stage[] = ['pre', 'route', 'post', 'error'];

  it('is none without filters', () => {
    expect(chainOf([])).to.equal(undefined);
  });

  it('has every filter once, in its stage, by order, and of two alike the one that stood first', () => {
    const filters = fc.array(
      fc.record({ stage: fc.constantFrom(...stages), order: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true })) }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(filters, (given) => {
        const bound = given.map(({ stage, order }, at): Bound => ({ name: String(at), stage, order, foreign: false, run() {} }));
        const chain = chainOf(bound);
        for (const stage of stages) {
          const names = chain?.[stage].map(({ name }) => Number(name)) ?? [];
          expect(names.toSorted((a, b) => a - b)).to.deep.equal(bound.flatMap((filter, at) => (filter.stage === stage ? [at] : [])));
          names.slice(1).forEach((name, before) => {
            const [one, other] = [bound[names[before] ?? 0], bound[name]];
            expect((one?.order ?? 0) < (other?.order ?? 0) || (one?.order === other?.order && (names[before] ?? 0) < name)).to.equal(true);
          });
        }
      }),
    );
  });
});
