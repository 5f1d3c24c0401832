import { expect } from 'chai';
import type { Middleware } from '../../../core/context.ts';
import { compose } from '../../../core/middleware/compose.ts';
import { aContext } from './a-context.ts';

describe('the steps of a pipeline', () => {
  it('run one below the other, each request by itself', async () => {
    const told: string[] = [];
    const step =
      (name: string): Middleware =>
      async (ctx, next) => {
        told.push(`${ctx.req.method} ${name}`);
        // Others go on meanwhile.
        await Promise.resolve();
        await next();
        told.push(`${ctx.req.method} behind ${name}`);
      };
    const run = compose([step('one'), step('two')]);
    await Promise.all(['GET', 'PUT'].map((method) => run(aContext({ method }))));
    for (const method of ['GET', 'PUT'])
      expect(told.filter((each) => each.startsWith(method)).map((each) => each.slice(4))).to.deep.equal([
        'one',
        'two',
        'behind two',
        'behind one',
      ]);
  });

  it('end where one does not go on', async () => {
    let reached = false;
    const run = compose([
      () => Promise.resolve(),
      () => {
        reached = true;
      },
    ]);
    await run(aContext());
    expect(reached).to.equal(false);
  });

  it('fail as a promise does, whatever throws at once', async () => {
    const fault = new Error('a fault of ours');
    const run = compose([
      (_ctx, next) => next(),
      () => {
        throw fault;
      },
    ]);
    expect(await run(aContext()).catch((error: unknown) => error)).to.equal(fault);
  });
});
