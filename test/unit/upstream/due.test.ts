import { mock } from 'node:test';
import { expect } from 'chai';
import fc from 'fast-check';
import { Due, type Wait } from '../../../core/upstream/due.ts';

describe('Due', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => {
    mock.restoreAll();
    mock.timers.reset();
  });

  const rig = (milliseconds = 100) => {
    let now = 0;
    const due = new Due(milliseconds, { now: () => now, epoch: () => 0 });
    const told: string[] = [];
    return {
      told,
      begin: (name: string) => due.begin(now, () => told.push(`${name} at ${now}`)),
      end: (wait: Wait) => due.end(wait),
      /** Step by step, for the timer begins anew. */
      pass(time: number) {
        for (let step = 0; step < time; step += 1) {
          now += 1;
          mock.timers.tick(1);
        }
      },
    };
  };

  it('tells each when its time is up, in the order they began', () => {
    const { begin, pass, told } = rig();
    begin('one');
    pass(30);
    begin('two');
    begin('three');
    pass(70);
    expect(told).to.deep.equal(['one at 100']);
    pass(30);
    expect(told).to.deep.equal(['one at 100', 'two at 130', 'three at 130']);
    pass(500);
    begin('four');
    pass(100);
    expect(told.at(-1)).to.equal('four at 730');
  });

  it('tells none that was ended, wherever it stood and however often', () => {
    const { begin, end, pass, told } = rig();
    const [first, , middle, , last] = ['a', 'b', 'c', 'd', 'e'].map(begin) as [Wait, Wait, Wait, Wait, Wait];
    for (const wait of [middle, last, first, middle, first]) end(wait);
    pass(100);
    expect(told).to.deep.equal(['b at 100', 'd at 100']);
    end(middle);
    begin('f');
    pass(100);
    expect(told.at(-1)).to.equal('f at 200');
  });

  it('lets one that is told end others, and begin one', () => {
    let now = 0;
    const due = new Due(10, { now: () => now, epoch: () => 0 });
    const told: string[] = [];
    due.begin(now, () => {
      told.push('one');
      due.end(two);
      due.begin(now, () => told.push('three'));
    });
    const two = due.begin(now, () => told.push('two'));
    for (now = 1; now <= 30; now += 1) mock.timers.tick(1);
    expect(told).to.deep.equal(['one', 'three']);
  });

  it('lets one that is told begin another, though others are not due yet', () => {
    let now = 0;
    const due = new Due(10, { now: () => now, epoch: () => 0 });
    const told: string[] = [];
    due.begin(now, () => due.begin(now, () => told.push(`three at ${now}`)));
    due.begin(5, () => told.push(`two at ${now}`));
    for (now = 1; now <= 30; now += 1) mock.timers.tick(1);
    expect(told).to.deep.equal(['two at 15', 'three at 20']);
  });

  it('tells the others, though one of them fails', () => {
    const timers: (() => void)[] = [];
    // The one of node:test would call again what has thrown.
    mock.method(globalThis, 'setTimeout', (callback: () => void) => {
      timers.push(callback);
      return { unref: () => callback };
    });
    const due = new Due(10, { now: () => 10, epoch: () => 0 });
    const told: string[] = [];
    due.begin(0, () => {
      throw new Error('a fault of ours');
    });
    due.begin(0, () => told.push('two'));
    expect(timers.shift()).to.throw('a fault of ours');
    timers.shift()?.();
    expect(told).to.deep.equal(['two']);
  });

  it('as a timer of its own for each would', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('begin' as const) }),
      fc.record({ do: fc.constant('end' as const), which: fc.nat(20) }),
      fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 1, max: 60 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { begin, end, pass, told } = rig(50);
        const expected: string[] = [];
        let now = 0;
        const waits: { readonly wait: Wait; readonly name: string; readonly dueAt: number; over: boolean }[] = [];
        for (const one of steps) {
          if (one.do === 'begin') waits.push({ wait: begin(`${waits.length}`), name: `${waits.length}`, dueAt: now + 50, over: false });
          else if (one.do === 'end') {
            const ended = waits[one.which];
            if (ended) {
              end(ended.wait);
              ended.over = true;
            }
          } else {
            pass(one.time);
            now += one.time;
            for (const wait of waits.filter(({ over, dueAt }) => !over && dueAt <= now)) {
              expected.push(`${wait.name} at ${wait.dueAt}`);
              wait.over = true;
            }
          }
        }
        expect(told).to.deep.equal(expected);
      }),
    );
  });
});
