import { expect } from 'chai';
import { systemClock } from '../../../core/clock.ts';
import type { Context } from '../../../core/context.ts';
import { rateLimit } from '../../../core/middleware/rate-limit.ts';
import { rateLimiters } from '../../../core/middleware/rate-limiters.ts';
import { Problem } from '../../../core/problem.ts';
import type { Instruments } from '../../../core/telemetry/instruments.ts';
import { aContext, noNext } from './a-context.ts';

describe('rateLimit', () => {
  const counted: object[] = [];
  const instruments = { rateLimitRequests: { add: (_: number, labels: object) => counted.push(labels) } } as unknown as Instruments;
  const limiter = (rate: { limit: number; windowMs: number } | undefined) =>
    rateLimit({
      rate,
      routeRate: () => undefined,
      subject: (ctx: Context) => ({ key: ctx.state.client.address }),
      limiters: rateLimiters(systemClock)(),
      instruments,
    });
  const ask = async (limit: ReturnType<typeof rateLimit>, address = 'a') => {
    const ctx = aContext({ state: { answer: [], client: { address } } });
    const problem = await Promise.resolve(limit(ctx, noNext)).then(
      () => undefined,
      (error: unknown) => error,
    );
    return { problem, answer: ctx.state.answer };
  };

  it('counts every request, the refused ones too, each by its result', async () => {
    counted.length = 0;
    const limit = limiter({ limit: 2, windowMs: 60_000 });
    for (const _ of [1, 2, 3]) await ask(limit);
    expect(counted).to.deep.equal(['allowed', 'allowed', 'limited'].map((result) => ({ policy: 'default', result })));
  });

  it('many at once are no more than one after another', async () => {
    const limit = limiter({ limit: 10, windowMs: 60_000 });
    const all = await Promise.all(Array.from({ length: 50 }, () => ask(limit)));
    expect(all.filter(({ problem }) => problem === undefined).length).to.equal(10);
  });

  it('never says that less than nothing is left', async () => {
    const limit = limiter({ limit: 1, windowMs: 60_000 });
    for (const _ of [1, 2, 3]) await ask(limit);
    const { problem, answer } = await ask(limit);
    expect(problem).to.be.instanceOf(Problem).and.have.property('code', 'rate-limited');
    expect(answer[3]).to.match(/^"default";r=0;t=\d+$/);
  });

  it('keys are strangers to each other, whatever they are made of', async () => {
    const limit = limiter({ limit: 1, windowMs: 60_000 });
    for (const key of ['a', 'a:', ':a', '__proto__', 'constructor', '']) expect((await ask(limit, key)).problem, key).to.equal(undefined);
  });

  it('without a rate it lets pass and says nothing', async () => {
    const { problem, answer } = await ask(limiter(undefined));
    expect([problem, answer]).to.deep.equal([undefined, []]);
  });
});
