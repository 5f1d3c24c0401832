import { expect } from 'chai';
import { Outlier, OutlierDetector, type Watched } from '../../../core/endpoint/outlier.ts';

describe('an endpoint that another detector watches now', () => {
  const options = { consecutiveErrors: 2, interval: 10_000, baseEjection: 1_000, maxEjected: 1, panicThreshold: 0 };
  const endpoint = (): Watched => {
    const outlier = new Outlier(0);
    return {
      outlier,
      healthy: true,
      draining: false,
      get available() {
        return !outlier.ejected;
      },
    };
  };
  const rig = () => {
    const told: string[] = [];
    const detector = (name: string) =>
      new OutlierDetector<Watched>(options, {
        onEjected: () => told.push(`${name} ejects`),
        onReturned: () => told.push(`${name} brings back`),
        onPanic() {},
      });
    const [before, after] = [detector('before'), detector('after')];
    const [one, other] = [endpoint(), endpoint()];
    before.watch([one, other], 0);
    return { told, before, after, one, other };
  };

  it('is judged by that one alone, whoever hears of a try', () => {
    const { told, before, after, one, other } = rig();
    before.failure(one, 1);
    after.watch([one, other], 2);
    before.failure(one, 3);
    expect([told, after.ejected, before.ejected]).to.deep.equal([['after ejects'], 1, 0]);
    expect(after.due(1_003)).to.equal(one);
  });

  it('stays ejected, and comes back by a probe of either', () => {
    const { told, before, after, one, other } = rig();
    for (const now of [1, 2]) before.failure(one, now);
    after.watch([one, other], 3);
    expect([one.available, after.ejected]).to.deep.equal([false, 1]);
    before.probe(one);
    before.success(one, 2_000, true);
    expect([told, one.available, after.ejected]).to.deep.equal([['before ejects', 'after brings back'], true, 0]);
  });

  it('is judged by the first while nobody has taken over', () => {
    const { told, before, one } = rig();
    for (const now of [1, 2]) before.failure(one, now);
    expect(told).to.deep.equal(['before ejects']);
  });
});
