import { expect } from 'chai';
import fc from 'fast-check';
import { Heaviest } from '../../../core/telemetry/heaviest.ts';

const once = { status: 200, problem: undefined, bytesIn: 0, bytesOut: 0, milliseconds: 1 };

function counted(names: Iterable<string>, room: number): Heaviest {
  const heaviest = new Heaviest(room);
  for (const name of names) heaviest.of(name).record(once);
  return heaviest;
}

function exactly(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

describe('Heaviest', () => {
  const some = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.stringMatching(/^[e-z]{1,2}$/)), { maxLength: 500 });

  it('counts all, while there are no more than it has room for', () => {
    const names = ['ada', 'bob', 'ada', 'cyd', 'ada'];
    const told = counted(names, 3).places.map(({ name, figures }) => [name, figures.requests] as const);
    expect(new Map(told)).to.deep.equal(exactly(names));
    expect(counted(names, 3).floor).to.equal(0);
  });

  it('never counts too many, nor more than its floor too few, and never loses who came more often', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 12 }), (names, room) => {
        const heaviest = counted(names, room);
        const figures = new Map(heaviest.places.map(({ name, figures: its }) => [name, its]));
        expect(heaviest.places.length).to.equal(figures.size).and.at.most(room);
        expect(heaviest.floor).to.be.at.most(names.length / room);
        for (const [name, count] of exactly(names)) {
          const told = figures.get(name)?.requests ?? 0;
          expect(told).to.be.at.most(count);
          expect(told + heaviest.floor).to.be.at.least(count);
        }
      }),
    );
  });

  it('keeps what it knows of each under its own name', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 12 }), (names, room) => {
        const heaviest = counted(names, room);
        for (const { name, figures } of heaviest.places) expect(heaviest.of(name)).to.equal(figures);
      }),
    );
  });

  it('has the true top in a flood of strangers who come once each', () => {
    /** The n-th user comes with every (n + 20)-th stranger. */
    const names: string[] = [];
    for (let stranger = 0; stranger < 50_000; stranger += 1) {
      names.push(`stranger ${stranger}`);
      for (let user = 0; user < 15; user += 1) if (stranger % (user + 20) === 0) names.push(`user ${user}`);
    }
    const heaviest = counted(names, 500);
    const top = heaviest.places
      .map(({ name, figures: { requests } }) => ({ name, requests }))
      .sort((one, other) => other.requests - one.requests);
    const right = exactly(names);
    for (const [nth, { name, requests }] of top.slice(0, 10).entries()) {
      expect(name).to.equal(`user ${nth}`);
      expect(requests).to.be.closeTo(right.get(name) ?? 0, (right.get(name) ?? 0) * 0.01);
    }
  });
});
