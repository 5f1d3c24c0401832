import { expect } from 'chai';
import fc from 'fast-check';
import { balancers } from '../../../core/balancer/index.ts';
import { balancerNames } from '../../../core/config/schema/balancers.ts';
import { PeakEwma } from '../../../core/endpoint/latency.ts';
import { aCandidate } from './candidate.ts';
import { seeded } from './seeded.ts';

const candidate = fc.record({
  weight: fc.double({ min: 0.1, max: 1000, noNaN: true }),
  fullWeight: fc.integer({ min: 1, max: 1000 }),
  inFlight: fc.nat(1000),
  rtt: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true })),
});
const placing = fc.record({ now: fc.double({ min: 0, max: 1e9, noNaN: true }), hashKey: fc.option(fc.string(), { nil: undefined }) });

describe('every balancer', () => {
  for (const name of balancerNames) {
    it(`${name} chooses one of those it is offered, and nobody only of none`, () => {
      fc.assert(
        fc.property(fc.array(candidate, { maxLength: 12 }), fc.array(placing, { maxLength: 20 }), fc.nat(), (offered, tries, seed) => {
          const choose = balancers[name](seeded(seed));
          const candidates = offered.map(({ rtt, ...told }, index) => {
            const latency = new PeakEwma();
            if (rtt !== null) latency.observe(rtt, 0);
            return aCandidate({ ...told, id: `10.0.0.${index}:80`, latency });
          });
          for (const one of tries) {
            const chosen = choose(candidates, one);
            expect(candidates.length === 0 ? chosen === undefined : chosen && candidates.includes(chosen)).to.equal(true);
          }
        }),
      );
    });
  }
});
