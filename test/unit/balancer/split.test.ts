import { expect } from 'chai';
import fc from 'fast-check';
import { compileSplit } from '../../../core/balancer/split.ts';
import type { RouteQuery } from '../../../core/routing/route-query.ts';

const query = (headers: Record<string, string> = {}): RouteQuery => ({ method: 'GET', host: 'shop', path: '/', query: '', headers });
const shares = fc.array(fc.nat(100), { minLength: 1, maxLength: 5 }).filter((weights) => weights.some((weight) => weight > 0));
const branchesOf = (weights: readonly number[]) => weights.map((weight, at) => ({ service: `s${at}`, weight }));

describe('a split', () => {
  it('gives each service its share of the lots', () => {
    fc.assert(
      fc.property(shares, (weights) => {
        const split = compileSplit(branchesOf(weights), 'route');
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const counts = new Map<string, number>();
        for (let lot = 0; lot < total; lot += 1) {
          const service = split(query(), undefined, () => (lot + 0.5) / total);
          counts.set(service, (counts.get(service) ?? 0) + 1);
        }
        for (const [at, weight] of weights.entries()) expect(counts.get(`s${at}`) ?? 0).to.equal(weight);
      }),
    );
  });

  it('never chooses one of weight 0, whatever chance says', () => {
    fc.assert(
      fc.property(shares, fc.double({ min: 0, max: 1, noNaN: true }), (weights, chance) => {
        const service = compileSplit(branchesOf(weights), 'route')(query(), undefined, () => chance);
        expect(weights[Number(service.slice(1))]).to.be.greaterThan(0);
      }),
    );
  });

  it('gives one key one service, near its share of many keys, and another set of keys on another route', () => {
    const chosen = (salt: string) => {
      const split = compileSplit(branchesOf([80, 20]), salt);
      const never = () => expect.fail('a key needs no chance');
      return Array.from({ length: 5_000 }, (_, at) => split(query(), `user-${at}`, never));
    };
    const [one, other] = [chosen('one'), chosen('other')];
    expect(chosen('one')).to.deep.equal(one);
    const share = one.filter((service) => service === 's1').length / one.length;
    expect(share).to.be.within(0.18, 0.22);
    const both = one.filter((service, at) => service === 's1' && other[at] === 's1').length / one.length;
    expect(both).to.be.within(0.02, 0.06);
  });

  it('keeps the keys of a service whose weight grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.nat(100), fc.string(), (weight, more, key) => {
        const split = (canary: number) => compileSplit(branchesOf([canary, 100 - canary]), 'route')(query(), key, () => 0);
        if (split(weight) === 's0') expect(split(Math.min(100, weight + more))).to.equal('s0');
      }),
    );
  });

  it('sends what matches to its service, whatever the weights say', () => {
    const branches = [
      { service: 'stable', weight: 1 },
      { service: 'next', weight: 0, match: { headers: { 'X-Canary': '~(1|yes)' } } },
      { service: 'later', weight: 0, match: { headers: { 'x-canary': '1' } } },
    ];
    const split = compileSplit(branches, 'route');
    expect(split(query({ 'x-canary': '1' }), 'key', () => 0)).to.equal('next');
    expect(split(query({ 'x-canary': 'no' }), 'key', () => 0)).to.equal('stable');
  });
});
