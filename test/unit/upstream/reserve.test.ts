import { expect } from 'chai';
import fc from 'fast-check';
import { Reserve } from '../../../core/upstream/reserve.ts';

const [critical, normal, background] = [0, 1, 2];

/** What is kept for whom, from the whole history: no counters, no periods that roll. */
class PlainReserve {
  readonly #history: { at: number; depth: number[]; held: number[] }[] = [{ at: 0, depth: [0, 0, 0], held: [0, 0, 0] }];

  came(rank: number, at: number): void {
    this.#change(at, ({ depth }) => {
      for (let lower = rank + 1; lower < 3; lower += 1) depth[lower] = (depth[lower] ?? 0) + 1;
    });
  }

  entered(rank: number, at: number): void {
    this.#change(at, ({ held }) => {
      held[rank] = (held[rank] ?? 0) + 1;
    });
  }

  left(rank: number, at: number): void {
    this.#change(at, ({ depth, held }) => {
      held[rank] = (held[rank] ?? 0) - 1;
      for (const lower of [1, 2]) depth[lower] = Math.max(0, (depth[lower] ?? 0) - 1);
    });
  }

  places(rank: number, limit: number): number {
    const now = this.#history.at(-1);
    const begin = (Math.floor((now?.at ?? 0) / 5000) - 1) * 5000;
    const before = this.#history.findLast(({ at }) => at < begin);
    const seen = [...(before ? [before] : []), ...this.#history.filter(({ at }) => at >= begin)];
    const most = (of: 'depth' | 'held', which: number) => Math.max(...seen.map((moment) => moment[of][which] ?? 0));
    let missing = 0;
    for (let higher = 0; higher < rank; higher += 1) missing += most('held', higher) + 1 - (now?.held[higher] ?? 0);
    return Math.min(most('depth', rank), missing, Math.floor(limit / 2));
  }

  #change(at: number, change: (moment: { depth: number[]; held: number[] }) => void): void {
    const last = this.#history.at(-1);
    const moment = { at, depth: [...(last?.depth ?? [])], held: [...(last?.held ?? [])] };
    change(moment);
    this.#history.push(moment);
  }
}

function come(reserve: Reserve, rank: number, times: number, now: number): void {
  for (let time = 0; time < times; time += 1) {
    reserve.came(rank, now);
    reserve.entered(rank);
  }
}

function go(reserve: Reserve, rank: number, times: number, now: number): void {
  for (let time = 0; time < times; time += 1) reserve.left(rank, now);
}

describe('Reserve', () => {
  it('keeps nothing for classes that were not seen', () => {
    const reserve = new Reserve();
    come(reserve, normal, 50, 0);
    expect([critical, normal].map((rank) => reserve.places(rank, 100))).to.deep.equal([0, 0]);
    const idle = new Reserve();
    come(idle, background, 50, 0);
    expect([critical, normal, background].map((rank) => idle.places(rank, 100))).to.deep.equal([0, 0, 0]);
  });

  it('keeps as many as came at once, less those that they have', () => {
    const reserve = new Reserve();
    come(reserve, critical, 6, 0);
    expect(reserve.places(normal, 100)).to.equal(1);
    go(reserve, critical, 6, 100);
    expect(reserve.places(normal, 100)).to.equal(6);
    come(reserve, critical, 2, 200);
    expect(reserve.places(normal, 100)).to.equal(5);
  });

  it('a place that anybody gives back is one for the higher class, so a steady pace needs few', () => {
    const reserve = new Reserve();
    come(reserve, background, 50, 0);
    for (let turn = 0; turn < 50; turn += 1) {
      come(reserve, critical, 1, turn);
      go(reserve, background, 1, turn);
    }
    go(reserve, critical, 50, 60);
    expect(reserve.places(background, 100)).to.equal(1);
  });

  it('forgets after ten seconds, not before five', () => {
    const reserve = new Reserve();
    come(reserve, critical, 6, 4_999);
    go(reserve, critical, 6, 4_999);
    reserve.came(normal, 9_999);
    expect(reserve.places(normal, 100)).to.equal(6);
    reserve.came(normal, 10_000);
    expect(reserve.places(normal, 100)).to.equal(0);
  });

  it('keeps at most half', () => {
    const reserve = new Reserve();
    come(reserve, critical, 20, 0);
    go(reserve, critical, 20, 0);
    expect([1, 2, 9, 100].map((limit) => reserve.places(normal, limit))).to.deep.equal([0, 1, 4, 20]);
  });

  it('decides as the plain model does', () => {
    const event = fc.record({ what: fc.constantFrom('come', 'refused', 'go'), rank: fc.nat(2), after: fc.nat(3000) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 40 }), (events, limit) => {
        const [reserve, model] = [new Reserve(), new PlainReserve()];
        const held = [0, 0, 0];
        let now = 0;
        for (const { what, rank, after } of events) {
          now += after;
          if (what !== 'go') {
            reserve.came(rank, now);
            model.came(rank, now);
          }
          if (what === 'come') {
            reserve.entered(rank);
            model.entered(rank, now);
            held[rank] = (held[rank] ?? 0) + 1;
          }
          if (what === 'go' && (held[rank] ?? 0) > 0) {
            reserve.left(rank, now);
            model.left(rank, now);
            held[rank] = (held[rank] ?? 0) - 1;
          }
          if (what === 'go') continue;
          const kept = [0, 1, 2].map((one) => reserve.places(one, limit));
          expect(kept).to.deep.equal([0, 1, 2].map((one) => model.places(one, limit)));
          expect(kept[1]).to.be.at.most(kept[2] ?? 0);
        }
      }),
    );
  });
});
