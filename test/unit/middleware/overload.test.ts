import { expect } from 'chai';
import fc from 'fast-check';
import { overload } from '../../../core/middleware/overload.ts';
import { Problem, REDUCED_CAPACITY } from '../../../core/problem.ts';
import { aContext } from './a-context.ts';

describe('overload', () => {
  const counted: object[] = [];
  const overloadRejected = { add: (_: number, labels: object = {}) => void counted.push(labels) };
  const ask = async (level: number, priority: string | undefined) => {
    const state = priority === undefined ? {} : { route: { config: { priority } } };
    let passed = false;
    const next = async () => {
      passed = true;
    };
    const problem = await (async () => overload({ level: () => level }, { overloadRejected })(aContext({ state }), next))().then(
      () => undefined,
      (error: unknown) => error,
    );
    return { passed, problem };
  };
  beforeEach(() => {
    counted.length = 0;
  });

  for (const [priority, from] of [
    ['background', 0.9],
    ['normal', 1],
    ['critical', 2],
  ] as const)
    it(`refuses what is ${priority} from ${from} on`, () =>
      fc.assert(
        fc.asyncProperty(fc.double({ min: 0, max: 4, noNaN: true }), async (level) => {
          const { passed, problem } = await ask(level, priority);
          expect(passed).to.equal(level < from);
          expect(problem instanceof Problem).to.equal(level >= from);
        }),
        { examples: [[from], [0], [Number.POSITIVE_INFINITY]] },
      ));

  it('says what it is, and when to come again', async () => {
    const { problem } = await ask(1, 'normal');
    expect(problem).to.have.property('code', 'overloaded');
    expect(problem).to.have.property('options').that.deep.equals({ retryAfter: 1, type: REDUCED_CAPACITY });
  });

  it('counts what it refuses by its priority, and nothing else', async () => {
    for (const priority of ['background', 'normal', 'critical']) await ask(1, priority);
    expect(counted).to.deep.equal([{ priority: 'background' }, { priority: 'normal' }]);
  });

  it('takes what has no route, or whose route names none, for normal', async () => {
    expect((await ask(0.9, undefined)).passed).to.equal(true);
    expect((await ask(1, undefined)).passed).to.equal(false);
    expect(counted).to.deep.equal([{ priority: 'normal' }]);
  });
});
