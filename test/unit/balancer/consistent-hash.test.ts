import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Candidate } from '../../../core/balancer/balancer.ts';
import { consistentHash } from '../../../core/balancer/consistent-hash.ts';
import { aCandidate } from './candidate.ts';
import { seeded } from './seeded.ts';

const choose = consistentHash(seeded(1));
const keys = Array.from({ length: 2000 }, (_, index) => `user-${index}`);
const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 12 });
const endpoints = (all: readonly number[]) => all.map((weight, index) => aCandidate({ id: `10.0.0.${index + 1}:8080`, weight }));

/** Where each key goes while nobody has anything under way. */
function homes(candidates: readonly Candidate[]): (Candidate | undefined)[] {
  return keys.map((hashKey) => choose(candidates, { now: 0, hashKey }));
}

function shareOf(candidate: Candidate, placed: readonly (Candidate | undefined)[]): number {
  return placed.filter((one) => one === candidate).length / placed.length;
}

describe('consistentHash', () => {
  it('gives each endpoint keys in proportion to its weight', () => {
    const candidates = endpoints([1, 2, 3, 4]);
    const placed = homes(candidates);
    for (const candidate of candidates) expect(shareOf(candidate, placed)).to.be.closeTo(candidate.weight / 10, 0.03);
  });

  it('only the keys of an endpoint that leaves move, about one of n', () => {
    for (const count of [2, 5, 10]) {
      const candidates = endpoints(Array.from({ length: count }, () => 1));
      const [before, after] = [homes(candidates), homes(candidates.slice(1))];
      const moved = keys.filter((_, index) => before[index] !== after[index]);
      expect(moved).to.deep.equal(keys.filter((_, index) => before[index] === candidates[0]));
      expect(moved.length / keys.length).to.be.closeTo(1 / count, 0.03);
    }
  });

  it('when one joins, keys move to it and nowhere else', () => {
    fc.assert(
      fc.property(weights, fc.nat(), (all, which) => {
        const candidates = endpoints(all);
        const newcomer = candidates[which % candidates.length];
        const [before, after] = [homes(candidates.filter((one) => one !== newcomer)), homes(candidates)];
        for (const [index, home] of after.entries()) if (home !== newcomer) expect(home).to.equal(before[index]);
      }),
      { numRuns: 20 },
    );
  });

  it('the order in which endpoints are listed does not matter', () => {
    const candidates = endpoints([3, 1, 2, 2]);
    expect(homes(candidates.toReversed())).to.deep.equal(homes(candidates));
  });

  it('nobody has more than 1.25 of its share of what is under way, whatever the keys are', () => {
    const step = fc.record({ key: fc.constantFrom('favourite', 'other', 'third'), finished: fc.option(fc.nat()) });
    fc.assert(
      fc.property(weights, fc.array(step, { maxLength: 200 }), (all, steps) => {
        const candidates = endpoints(all).map((one) => ({ ...one, inFlight: 0 }));
        const weight = all.reduce((sum, one) => sum + one, 0);
        let total = 0;
        for (const { key, finished } of steps) {
          const chosen = choose(candidates, { now: 0, hashKey: key });
          total += 1;
          if (chosen) chosen.inFlight += 1;
          expect(chosen?.inFlight).to.be.at.most(Math.ceil((5 * total * (chosen?.weight ?? 0)) / (4 * weight)));
          const busy = candidates.filter((one) => one.inFlight > 0);
          const done = finished === null ? undefined : busy[finished % busy.length];
          if (done) [done.inFlight, total] = [done.inFlight - 1, total - 1];
        }
      }),
    );
  });

  it('a favourite key fills its endpoints up to the bound, one after the other', () => {
    const candidates = endpoints([1, 1, 1, 1]).map((one) => ({ ...one, inFlight: 0 }));
    for (let turn = 0; turn < 400; turn += 1) {
      const chosen = choose(candidates, { now: 0, hashKey: 'favourite' });
      if (chosen) chosen.inFlight += 1;
    }
    expect(candidates.map(({ inFlight }) => inFlight).sort((one, other) => other - one)).to.deep.equal([125, 125, 125, 25]);
  });

  it('what is beyond the bound goes to the second choice of its key, and back when there is room', () => {
    const candidates = endpoints([1, 1, 1]).map((one) => ({ ...one, inFlight: 0 }));
    const placing = { now: 0, hashKey: 'favourite' };
    const first = choose(candidates, placing);
    const second = choose(
      candidates.filter((one) => one !== first),
      placing,
    );
    if (!first) throw new Error('nobody was chosen');
    first.inFlight = 1;
    expect(choose(candidates, placing)).to.equal(second);
    first.inFlight = 0;
    expect(choose(candidates, placing)).to.equal(first);
  });

  it('slow start moves no key of an idle service, and lowers the bound of the newcomer', () => {
    const [one, two] = endpoints([10, 10]);
    const busy = (candidate: Candidate | undefined, weight: number, inFlight: number) =>
      aCandidate({ id: candidate?.id ?? '', weight, fullWeight: 10, inFlight });
    expect(homes([busy(one, 10, 0), busy(two, 1, 0)]).map((home) => home?.id)).to.deep.equal(
      homes([busy(one, 10, 0), busy(two, 10, 0)]).map((home) => home?.id),
    );
    // Of eleven under way its share is one: 1.25 lets it have a second try, no third.
    expect(homes([busy(one, 10, 9), busy(two, 1, 1)]).some((home) => home?.id === two?.id)).to.equal(true);
    expect(homes([busy(one, 10, 8), busy(two, 1, 2)]).some((home) => home?.id === two?.id)).to.equal(false);
  });

  it('without a key, goes by the tries under way', () => {
    const [idle, busy] = [aCandidate({ id: 'a:1' }), aCandidate({ id: 'b:1', inFlight: 3 })];
    for (let turn = 0; turn < 50; turn += 1) expect(choose([idle, busy], { now: 0, hashKey: undefined })).to.equal(idle);
  });

  it('is the same in every process', () => {
    const folder = join(import.meta.dirname, '../../../core/balancer');
    const script = `
      import { consistentHash } from ${JSON.stringify(join(folder, 'consistent-hash.ts'))};
      const candidates = [1, 2, 3].map((weight) => ({ id: '10.0.0.' + weight + ':8080', weight, fullWeight: weight, inFlight: 0 }));
      const choose = consistentHash(Math.random);
      console.log(Array.from({ length: 2000 }, (_, index) => choose(candidates, { now: 0, hashKey: 'user-' + index }).weight).join(''));`;
    const there = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).trim();
    const here = homes(endpoints([1, 2, 3]));
    expect(there).to.equal(here.map((home) => home?.weight).join(''));
    // And tomorrow: a release that hashed otherwise would empty every cache behind it.
    expect(there.slice(0, 20)).to.equal('32331223131232223221');
  });
});
