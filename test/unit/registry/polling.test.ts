import { mock } from 'node:test';
import { expect } from 'chai';
import { Polling } from '../../../core/registry/polling.ts';
import { NotYet } from '../../../core/registry/source.ts';
import { testClock } from '../../support/clock.ts';

describe('polling', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** Answers in turn; an Error is a failure, and so is asking once more. */
  const polling = (answers: (string | Error)[], { interval = 30_000, random = 0.5 } = {}) => {
    let asked = 0;
    const clock = testClock();
    const polled = new Polling(
      async () => {
        const answer = answers[asked] ?? new Error('nothing left');
        asked += 1;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      { interval, clock, random: () => random },
    );
    let told = 0;
    polled.start(() => {
      told += 1;
    });
    const settled = () => new Promise((resolve) => setImmediate(resolve));
    const pass = async (milliseconds: number) => {
      await settled();
      clock.advance(milliseconds);
      mock.timers.tick(milliseconds);
      await settled();
    };
    return { polled, clock, pass, asked: () => asked, told: () => told };
  };

  for (const [random, pause] of [
    [0, 27_000],
    [0.5, 30_000],
    [1, 33_000],
  ] as const) {
    it(`asks again after the interval, a tenth more or less: ${pause} ms`, async () => {
      const { polled, pass, asked, told } = polling(['a', 'b'], { random });
      await pass(pause - 1);
      expect([asked(), told(), polled.answer]).to.deep.equal([1, 1, 'a']);
      await pass(1);
      expect([asked(), told(), polled.answer]).to.deep.equal([2, 2, 'b']);
      polled.stop();
    });
  }

  it('asks sooner after a failure, keeps the answer, and says since when', async () => {
    const { polled, pass, asked, clock } = polling(['a', new Error('one'), new Error('two'), 'b']);
    await pass(30_000);
    const since = clock.now();
    expect([polled.answer, polled.failure]).to.deep.equal(['a', { since, why: 'one' }]);
    await pass(5_000);
    expect([asked(), polled.answer, polled.failure]).to.deep.equal([3, 'a', { since, why: 'two' }]);
    await pass(5_000);
    expect([polled.answer, polled.failure]).to.deep.equal(['b', undefined]);
    polled.stop();
  });

  it('waits for who is about to know, which is no failure but of who had an answer', async () => {
    const { polled, pass, asked } = polling([new NotYet('a'), new NotYet('b'), 'c', new NotYet('d'), new NotYet('e')]);
    await pass(999);
    expect([asked(), polled.answer, polled.failure]).to.deep.equal([1, undefined, undefined]);
    await pass(1);
    expect([asked(), polled.failure]).to.deep.equal([2, undefined]);
    await pass(1_000);
    expect([asked(), polled.answer]).to.deep.equal([3, 'c']);
    await pass(30_000);
    expect([polled.answer, polled.failure?.why]).to.deep.equal(['c', 'd']);
    await pass(1_000);
    expect([asked(), polled.failure?.why]).to.deep.equal([5, 'e']);
    polled.stop();
  });

  it('asks sooner when it is told to, once however often that is, and not later than it would', async () => {
    const { polled, pass, asked } = polling(['a', 'b', 'c', 'd']);
    await pass(10_000);
    for (const within of [3_000, 1_000, 2_000]) polled.soon(within);
    await pass(999);
    expect(asked()).to.equal(1);
    await pass(1);
    expect(asked()).to.equal(2);
    polled.soon(60_000);
    await pass(29_999);
    expect(asked()).to.equal(2);
    await pass(1);
    expect(asked()).to.equal(3);
    polled.stop();
    polled.soon(0);
    await pass(60_000);
    expect(asked()).to.equal(3);
  });

  it('asks again after the question under way when it is told to meanwhile', async () => {
    const { polled, pass, asked } = polling(['a', 'b', 'c']);
    polled.soon(1_000);
    polled.soon(500);
    expect(asked()).to.equal(1);
    await pass(499);
    expect(asked()).to.equal(1);
    await pass(1);
    expect(asked()).to.equal(2);
    await pass(29_999);
    expect(asked()).to.equal(2);
    polled.stop();
  });

  it('asks no more once it is stopped, and what was asked tells nobody', async () => {
    const { polled, pass, asked, told } = polling(['a', 'b']);
    polled.stop();
    await pass(60_000);
    expect([asked(), told(), polled.answer]).to.deep.equal([1, 0, undefined]);
  });
});
