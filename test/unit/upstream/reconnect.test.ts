import { expect } from 'chai';
import { Problem, type ProblemCode } from '../../../core/problem.ts';
import { type Attempt, cancel, type Exchange } from '../../../core/upstream/exchange.ts';
import { reconnect } from '../../../core/upstream/reconnect.ts';
import { aBody, anAttempt, anExchange, aResponse } from './an-exchange.ts';

describe('reconnect', () => {
  const layer = reconnect({ now: () => 7, epoch: () => 0 });

  /** Runs until the outcome, with a transport that fails as often as said on a connection that was used before. */
  const run = async (exchange: Exchange, failures = 1, code: ProblemCode = 'connection-terminated', reused = true) => {
    const tries: Attempt[] = [];
    const outcome = await layer(anAttempt(exchange), async (attempt) => {
      tries.push(attempt);
      attempt.reusedConnection = reused;
      if (tries.length <= failures) throw new Problem(code);
      return aResponse();
    }).then(
      ({ status }) => status,
      (error: Problem) => error.code,
    );
    return { outcome, tries };
  };

  it('tries once more, as another attempt of the same exchange', async () => {
    const exchange = anExchange();
    const { outcome, tries } = await run(exchange);
    expect(outcome).to.equal(200);
    expect(tries.map(({ number, startedAt }) => [number, startedAt])).to.deep.equal([
      [0, 0],
      [1, 7],
    ]);
    expect(exchange.attempts).to.deep.equal(tries);
  });

  it('but only once', async () => {
    const { outcome, tries } = await run(anExchange(), 2);
    expect([outcome, tries.length]).to.deep.equal(['connection-terminated', 2]);
  });

  it('what a client may not repeat by itself is not repeated', async () => {
    for (const method of ['POST', 'PATCH', 'CONNECT', 'PROPFIND'])
      expect((await run(anExchange({ method }))).tries.length, method).to.equal(1);
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE'])
      expect((await run(anExchange({ method }))).tries.length, method).to.equal(2);
  });

  it('nor what has a body of which anything was read', async () => {
    expect((await run(anExchange({ method: 'PUT', body: aBody(true) }))).tries.length).to.equal(1);
    expect((await run(anExchange({ method: 'PUT', body: aBody(false) }))).tries.length).to.equal(2);
  });

  it('nor anything on a connection that was new, for that is a failure of the service', async () => {
    expect((await run(anExchange(), 1, 'connection-terminated', false)).tries.length).to.equal(1);
  });

  it('nor any other failure', async () => {
    for (const code of ['connection-refused', 'attempt-timeout', 'upstream-protocol-error', 'client-closed'] as const)
      expect((await run(anExchange(), 1, code)).tries.length, code).to.equal(1);
  });

  it('nor for a client that has left', async () => {
    const exchange = anExchange();
    cancel(exchange, new Problem('client-closed'));
    expect((await run(exchange)).tries.length).to.equal(1);
  });
});
