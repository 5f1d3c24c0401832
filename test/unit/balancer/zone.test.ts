import { expect } from 'chai';
import fc from 'fast-check';
import { preferZone } from '../../../core/balancer/zone.ts';

interface Endpoint {
  zone: string | undefined;
  weight: number;
  inFlight: number;
  up: boolean;
}

const endpoint = fc.record({
  zone: fc.constantFrom('a', 'b', 'c', undefined),
  weight: fc.integer({ min: 1, max: 10 }),
  inFlight: fc.nat(100),
  up: fc.boolean(),
});
const up = (all: readonly Endpoint[]) => all.filter((one) => one.up);
const standing = (zone: string | undefined, inFlight = 0, told: Partial<Endpoint> = {}) => ({
  zone,
  weight: 1,
  inFlight,
  up: true,
  ...told,
});

describe('preferZone', () => {
  it('is the same list, not a copy, when the gateway stands in no zone or nothing else is there', () => {
    const all = [standing('a'), standing('a')];
    expect(preferZone(all, all, undefined)).to.equal(all);
    expect(preferZone(all, all, 'a')).to.equal(all);
    expect(preferZone(all, all, 'b')).to.equal(all);
  });

  it('keeps to its own zone', () => {
    const all = [standing('a'), standing('b'), standing('a'), standing(undefined)];
    expect(preferZone(all, all, 'a')).to.deep.equal([all[0], all[2]]);
  });

  it('goes beyond it when less than half of it is there', () => {
    const zoneOf = (present: number, absent: number) => [
      standing('b'),
      ...Array.from({ length: present }, () => standing('a')),
      ...Array.from({ length: absent }, () => standing('a', 0, { up: false })),
    ];
    const zones = (all: Endpoint[]) => preferZone(up(all), all, 'a').map(({ zone }) => zone);
    expect(zones(zoneOf(2, 2))).to.deep.equal(['a', 'a']);
    expect(zones(zoneOf(1, 2))).to.deep.equal(['b', 'a']);
    expect(zones(zoneOf(0, 1))).to.deep.equal(['b']);
  });

  it('goes beyond it when it has more than twice the load of the others, each with ten more', () => {
    const loaded = (inFlight: number, weight = 1) => [standing('a', inFlight, { weight }), standing('b', 3), standing('c', 1)];
    const chosen = ([all, zone]: [Endpoint[], string]) => preferZone(all, all, zone).length;
    // The others have 12 for a weight of 1.
    expect(chosen([loaded(24), 'a'])).to.equal(1);
    expect(chosen([loaded(25), 'a'])).to.equal(3);
    expect(chosen([loaded(48, 2), 'a'])).to.equal(1);
  });

  it('a busy zone beside idle others is no overload', () => {
    const all = [standing('a', 20), standing('b')];
    expect(preferZone(all, all, 'a')).to.deep.equal([all[0]]);
  });

  it('holds to its rule, whatever there is', () => {
    fc.assert(
      fc.property(fc.array(endpoint, { maxLength: 12 }), (all) => {
        const available = up(all);
        const own = available.filter(({ zone }) => zone === 'a');
        const others = available.filter(({ zone }) => zone !== 'a');
        const sum = (list: readonly Endpoint[], of: (one: Endpoint) => number) => list.reduce((total, one) => total + of(one), 0);
        const enough = own.length > 0 && own.length >= all.filter(({ zone }) => zone === 'a').length / 2;
        const mine = sum(own, (one) => one.inFlight) * sum(others, (one) => one.weight);
        const theirs = sum(others, (one) => one.inFlight + 10) * sum(own, (one) => one.weight);
        const stays = enough && (others.length === 0 || mine <= 2 * theirs);
        expect(preferZone(available, all, 'a')).to.deep.equal(stays ? own : available);
      }),
    );
  });
});
