import { mock } from 'node:test';
import { expect } from 'chai';
import { Problem, type ProblemCode } from '../../../core/problem.ts';
import { type Attempt, cancel, type Exchange } from '../../../core/upstream/exchange.ts';
import { type RetryReason, retry } from '../../../core/upstream/retry.ts';
import { RetryBudget } from '../../../core/upstream/retry-budget.ts';
import { aBody, anAttempt, anExchange, aResponse } from './an-exchange.ts';

const defaults = {
  attempts: 1,
  on: ['connect', 'reset', 503] as RetryReason[],
  methods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'] as ('GET' | 'HEAD' | 'OPTIONS' | 'PUT' | 'DELETE')[],
  backoff: { base: 25, max: 250 },
};

describe('retry', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** What waits for no timer goes on. */
  const settled = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };

  interface Rig {
    config?: Partial<typeof defaults>;
    chance?: number;
    budget?: RetryBudget;
  }

  /** Runs until the outcome; the transport comes to one thing after another, the last one again and again. */
  const run = async (exchange: Exchange, comes: readonly (number | ProblemCode)[], { config, chance = 0, budget }: Rig = {}) => {
    const tries: Attempt[] = [];
    const reasons: RetryReason[] = [];
    const announced: (string | undefined)[] = [];
    const layer = retry(
      { ...defaults, ...config },
      {
        clock: { now: () => 0, epoch: () => 0 },
        random: () => chance,
        budget: budget ?? new RetryBudget(0.2),
        onRetry: (reason) => reasons.push(reason),
      },
    );
    const outcome = await layer(anAttempt(exchange), async (attempt) => {
      tries.push(attempt);
      announced.push(exchange.announced);
      const next = comes[Math.min(tries.length, comes.length) - 1] ?? 200;
      if (typeof next === 'string') throw new Problem(next);
      return aResponse(next);
    }).then(
      ({ status }) => status,
      (error: Problem) => error.code,
    );
    return { outcome, tries: tries.length, reasons, announced };
  };

  it('tries once more what failed to connect, was reset or got a 503', async () => {
    expect(await run(anExchange(), ['connection-refused', 200])).to.include({ outcome: 200, tries: 2 });
    expect(await run(anExchange(), ['connection-terminated', 200])).to.include({ outcome: 200, tries: 2 });
    expect((await run(anExchange(), [503, 200])).reasons).to.deep.equal([503]);
  });

  it('and gives what the last try came to', async () => {
    expect(await run(anExchange(), [503])).to.include({ outcome: 503, tries: 2 });
    expect(await run(anExchange(), [503, 'connection-refused'])).to.include({ outcome: 'connection-refused', tries: 2 });
    expect(await run(anExchange(), ['connection-refused'], { config: { attempts: 3 } })).to.include({ tries: 4 });
    expect(await run(anExchange(), ['connection-refused'], { config: { attempts: 0 } })).to.include({ tries: 1 });
  });

  it('what the configuration does not name is not tried again', async () => {
    for (const came of [500, 502, 504, 404, 'attempt-timeout', 'upstream-protocol-error', 'circuit-open', 'no-endpoint'] as const)
      expect(await run(anExchange(), [came]), String(came)).to.include({ outcome: came, tries: 1 });
    expect(await run(anExchange(), ['attempt-timeout', 200], { config: { on: ['timeout'] } })).to.include({ outcome: 200 });
  });

  it('a failure to connect is tried again for any method, the rest for idempotent ones alone', async () => {
    const post = () => anExchange({ method: 'POST' });
    for (const came of ['connection-refused', 'connect-timeout', 'dns-error', 'dns-timeout'] as const)
      expect(await run(post(), [came, 200]), came).to.include({ outcome: 200, tries: 2 });
    for (const came of ['connection-terminated', 503] as const) expect(await run(post(), [came, 200])).to.include({ tries: 1 });
  });

  it('a body is sent again while all that was read of it is kept', async () => {
    const put = (begun: boolean, kept: boolean) => anExchange({ method: 'PUT', body: aBody(begun, kept) });
    expect(await run(put(true, true), ['connection-terminated', 200])).to.include({ outcome: 200, tries: 2 });
    expect(await run(put(true, false), ['connection-terminated', 200])).to.include({ outcome: 'connection-terminated', tries: 1 });
  });

  it('the budget has the last word', async () => {
    const budget = new RetryBudget(0);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => run(anExchange(), [503, 200], { budget })));
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal([200, 200, 200, 503, 503]);
  });

  it('a try that could not begin before the deadline is not waited for', async () => {
    const left = (milliseconds: number) => anExchange({ deadlineAt: milliseconds });
    expect(await run(left(24), [503, 200], { chance: 1 })).to.include({ outcome: 503, tries: 1 });
  });

  it('waits a part of a time that doubles, up to its maximum', async () => {
    const budget = new RetryBudget(1);
    for (let count = 0; count < 10; count += 1) budget.deposit(0);
    const parts = { clock: { now: () => 0, epoch: () => 0 }, random: () => 1, budget, onRetry: () => {} };
    let tries = 0;
    const answer = retry({ ...defaults, attempts: 6 }, parts)(anAttempt(), async () => {
      tries += 1;
      throw new Problem('connection-refused');
    }).catch((error: Problem) => error.code);
    for (const [round, pause] of [25, 50, 100, 200, 250, 250].entries()) {
      await settled();
      mock.timers.tick(pause - 1);
      await settled();
      expect(tries).to.equal(round + 1);
      mock.timers.tick(1);
    }
    expect([await answer, tries]).to.deep.equal(['connection-refused', 7]);
  });

  it('a client that leaves ends the wait', async () => {
    const exchange = anExchange();
    const layer = retry(defaults, {
      clock: { now: () => 0, epoch: () => 0 },
      random: () => 1,
      budget: new RetryBudget(1),
      onRetry: () => {},
    });
    const answer = layer(anAttempt(exchange), async () => {
      throw new Problem('connection-refused');
    }).catch((error: Problem) => error.code);
    await settled();
    cancel(exchange, new Problem('client-closed'));
    expect(await answer).to.equal('client-closed');
  });

  it('announces to the gateway behind that it will try again, and which try this is', async () => {
    expect((await run(anExchange(), [503], { config: { attempts: 2 } })).announced).to.deep.equal(['1/3', '2/3', '3/3']);
    expect((await run(anExchange({ method: 'POST' }), [200])).announced).to.deep.equal([undefined]);
  });

  it('where a gateway before tries again, only failures to connect are tried again here', async () => {
    const inner = () => anExchange({ attemptsAbove: '1/2', announced: '1/2' });
    expect(await run(inner(), [503, 200])).to.include({ outcome: 503, tries: 1 });
    expect(await run(inner(), ['connection-terminated', 200])).to.include({ tries: 1 });
    const connecting = await run(inner(), ['connection-refused', 200]);
    expect(connecting).to.include({ outcome: 200, tries: 2 });
    expect(connecting.announced).to.deep.equal(['1/2', '1/2']);
  });
});
