import { expect } from 'chai';
import { Counted } from '../../../core/holds.ts';
import { turns } from '../../../core/reload/turns.ts';

describe('turns', () => {
  it('are taken one after the other, in the order of asking', async () => {
    const take = turns();
    const seen: string[] = [];
    const one = await take();
    const rest = ['two', 'three'].map(async (name) => {
      const end = await take();
      seen.push(`${name} begins`);
      await Promise.resolve();
      seen.push(`${name} ends`);
      end();
    });
    await new Promise(setImmediate);
    expect(seen).to.deep.equal([]);
    one();
    await Promise.all(rest);
    expect(seen).to.deep.equal(['two begins', 'two ends', 'three begins', 'three ends']);
  });
});

describe('what is held', () => {
  it('is told of when nobody holds it any more, not before somebody asks', () => {
    const holds = new Counted();
    let times = 0;
    holds.enter();
    holds.leave();
    holds.enter();
    holds.enter();
    holds.whenNone(() => (times += 1));
    holds.leave();
    expect(times).to.equal(0);
    holds.leave();
    expect(times).to.equal(1);
  });

  it('is told of at once when nobody holds it', () => {
    let times = 0;
    new Counted().whenNone(() => (times += 1));
    expect(times).to.equal(1);
  });
});
