import { expect } from 'chai';
import { Problem, type ProblemCode, REDUCED_CAPACITY } from '../../../core/problem.ts';
import { Breaker } from '../../../core/upstream/breaker.ts';
import { circuitBreaker } from '../../../core/upstream/circuit-breaker.ts';
import { Attempt } from '../../../core/upstream/exchange.ts';
import type { UpstreamResponse } from '../../../core/upstream/response.ts';
import { ServiceStatistics } from '../../../core/upstream/statistics.ts';
import { aBody, anExchange, aResponse } from './an-exchange.ts';

const options = { requestVolume: 2, errorThreshold: 0.5, window: 10_000, sleepWindow: 5_000 };

describe('the layer of the circuit breaker', () => {
  const rig = (countRefusals = false) => {
    let now = 1_000;
    const clock = { now: () => now, epoch: () => 0 };
    const breaker = new Breaker(options);
    const counted: string[] = [];
    const statistics = Object.assign(new ServiceStatistics(), { count: (event: string) => void counted.push(event) });
    const layer = circuitBreaker({ breaker, sleepWindow: options.sleepWindow, countRefusals, statistics, clock });
    let calls = 0;
    const call = (comes: number | ProblemCode | Error, exchange = anExchange()) =>
      layer(new Attempt(exchange, clock.now()), async () => {
        calls += 1;
        if (typeof comes === 'number') return aResponse(comes);
        throw typeof comes === 'string' ? new Problem(comes) : comes;
      }).then(
        ({ status }: UpstreamResponse) => status,
        (error: unknown) => error,
      );
    const pass = (milliseconds: number) => {
      now += milliseconds;
    };
    return { breaker, counted, call, calls: () => calls, pass };
  };

  /** What a call counts as: for Hystrix, and for the breaker. */
  const kinds: readonly (readonly [comes: number | ProblemCode | Error, event: string, isFailure: boolean | undefined])[] = [
    [200, 'success', false],
    [101, 'success', false],
    [304, 'success', false],
    [400, 'badRequest', undefined],
    [429, 'badRequest', undefined],
    [500, 'failure', true],
    [503, 'failure', true],
    ['connection-refused', 'failure', true],
    ['connection-terminated', 'failure', true],
    ['no-endpoint', 'failure', undefined],
    ['attempt-timeout', 'timeout', true],
    ['connect-timeout', 'timeout', true],
    ['deadline-exceeded', 'timeout', true],
    ['concurrency-limited', 'semaphoreRejected', undefined],
    [new Error('a fault'), 'failure', true],
    ['client-closed', 'cancelled', undefined],
    ['body-too-large', 'cancelled', undefined],
    ['caller-gone', 'cancelled', undefined],
  ];
  it('a refusal at the concurrency limit is a failure where the configuration says so, as in Hystrix', async () => {
    const { breaker, call } = rig(true);
    await call('concurrency-limited');
    expect(breaker.health(1_000)).to.deep.equal({ total: 1, errors: 1 });
  });

  for (const [comes, event, isFailure] of kinds)
    it(`${comes} is a ${event}, and ${isFailure === undefined ? 'nothing' : isFailure ? 'a failure' : 'a success'} for the breaker`, async () => {
      const { breaker, counted, call } = rig();
      await call(comes);
      expect(counted).to.deep.equal([event]);
      expect(breaker.health(1_000)).to.deep.equal({ total: isFailure === undefined ? 0 : 1, errors: isFailure ? 1 : 0 });
    });

  it('passes on what a call came to as it is', async () => {
    const { call } = rig();
    expect(await call(418)).to.equal(418);
    const fault = new Error('a fault');
    expect(await call(fault)).to.equal(fault);
  });

  it('refuses without a call when it is open, and says when a trial will be', async () => {
    const { counted, call, calls, pass } = rig();
    await call(500);
    await call(500);
    pass(1_500);
    const refused = await call(200);
    expect(refused).to.have.property('code', 'circuit-open');
    expect(refused).to.have.property('options').that.deep.equals({ retryAfter: 3.5, type: REDUCED_CAPACITY });
    pass(3_400);
    // Never less than a second.
    expect(await call(200)).to.have.nested.property('options.retryAfter', 1);
    expect([calls(), counted]).to.deep.equal([2, ['failure', 'failure', 'shortCircuited', 'shortCircuited']]);
  });

  it('tries it with no upload, which can take as long as it likes, unless nothing else has come for another sleep window', async () => {
    const upload = () => anExchange({ method: 'PUT', body: aBody() });
    for (const [wait, exchange, comesTo] of [
      [5_000, upload, 'circuit-open'],
      [9_999, upload, 'circuit-open'],
      [5_000, anExchange, 200],
      [10_000, upload, 200],
    ] as const) {
      const { call, pass } = rig();
      await call(500);
      await call(500);
      pass(wait);
      const came = await call(200, exchange());
      expect(came instanceof Problem ? came.code : came).to.equal(comesTo);
    }
  });

  for (const [comes, state] of [
    [200, 'closed'],
    [404, 'closed'],
    [500, 'open'],
    ['concurrency-limited', 'open'],
    ['client-closed', 'open'],
  ] as const)
    it(`a trial that comes to ${comes} leaves it ${state}`, async () => {
      const { breaker, call, pass } = rig();
      await call(500);
      await call(500);
      pass(5_000);
      const trial = call(comes);
      expect(breaker.state.state).to.equal('half-open');
      await trial;
      expect(breaker.state.state).to.equal(state);
    });
});
