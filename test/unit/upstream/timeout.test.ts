import { mock } from 'node:test';
import { expect } from 'chai';
import type { Problem } from '../../../core/problem.ts';
import { deadline } from '../../../core/upstream/deadline.ts';
import { type Attempt, Attempt as NewAttempt } from '../../../core/upstream/exchange.ts';
import { compose, type Next } from '../../../core/upstream/layer.ts';
import { timeout } from '../../../core/upstream/timeout.ts';
import { aBody, anAttempt, anExchange, aResponse, silence } from './an-exchange.ts';

describe('the layers that limit time', () => {
  let now = 0;
  const clock = { now: () => now, epoch: () => 0 };
  beforeEach(() => {
    now = 0;
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => mock.timers.reset());
  const pass = async (milliseconds: number) => {
    now += milliseconds;
    mock.timers.tick(milliseconds);
    // What waits for the timer goes on.
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };

  /** What came of an attempt so far. */
  const begin = (attempt: Attempt, transport: Next = silence, { all = 1000, one = 300 } = {}) => {
    const state = { outcome: 'under way' as string | number };
    compose(
      [deadline(all, clock), timeout(one, clock)],
      transport,
    )(attempt).then(
      ({ status }) => {
        state.outcome = status;
      },
      (problem: Problem) => {
        state.outcome = problem.code;
      },
    );
    return state;
  };

  it('an attempt ends when its first byte does not come in time', async () => {
    const state = begin(anAttempt());
    await pass(299);
    expect(state.outcome).to.equal('under way');
    await pass(1);
    expect(state.outcome).to.equal('attempt-timeout');
  });

  it('or when the time for all of them runs out first', async () => {
    const state = begin(anAttempt(), silence, { all: 200, one: 300 });
    await pass(200);
    expect(state.outcome).to.equal('deadline-exceeded');
  });

  it('a second attempt has only what the first has left', async () => {
    const exchange = anExchange();
    const state = begin(anAttempt(exchange), silence, { all: 400, one: 300 });
    await pass(300);
    expect(state.outcome).to.equal('attempt-timeout');
    const again: { outcome?: string } = {};
    timeout(300, clock)(new NewAttempt(exchange, now), silence).catch((problem: Problem) => {
      again.outcome = problem.code;
    });
    await pass(99);
    expect(again.outcome).to.equal(undefined);
    await pass(1);
    expect(again.outcome).to.equal('deadline-exceeded');
  });

  it('an answer in time is an answer, however long its body takes', async () => {
    let answer: (() => void) | undefined;
    const attempt = anAttempt();
    const state = begin(attempt, () => new Promise((resolve) => (answer = () => resolve(aResponse()))));
    await pass(299);
    answer?.();
    await pass(0);
    await pass(10_000);
    expect([state.outcome, attempt.aborted]).to.deep.equal([200, undefined]);
  });

  it('a failure stops the timer too', async () => {
    const attempt = anAttempt();
    begin(attempt, () => Promise.reject(new Error('refused')));
    await pass(0);
    await pass(10_000);
    expect(attempt.aborted).to.equal(undefined);
  });

  it('the caller’s patience is the limit where it is shorter', async () => {
    const state = begin(anAttempt(anExchange({ timeLeft: 150 })));
    await pass(149);
    expect(state.outcome).to.equal('under way');
    await pass(1);
    expect(state.outcome).to.equal('caller-gone');
  });

  it('and what nobody waits for any more is not begun', async () => {
    const attempt = anAttempt(anExchange({ timeLeft: 0 }));
    let begun = false;
    const state = begin(attempt, () => {
      begun = true;
      return silence(attempt);
    });
    await pass(0);
    expect([state.outcome, begun]).to.deep.equal(['caller-gone', false]);
  });

  it('each attempt tells the service how long is left', async () => {
    const exchange = anExchange();
    const first = anAttempt(exchange);
    begin(first, silence, { all: 1000, one: 300 });
    await pass(300);
    const second = new NewAttempt(exchange, now);
    timeout(300, clock)(second, silence).catch(() => {});
    expect([first.headers, second.headers]).to.deep.equal([
      ['x-gateway-time-left', '1000'],
      ['x-gateway-time-left', '700'],
    ]);
  });

  it('and which try this is, where anybody will try again', () => {
    const exchange = anExchange({ announced: '1/2' });
    // The second is the free one, of which retry knows nothing.
    for (const attempt of [anAttempt(exchange), anAttempt(exchange)]) {
      begin(attempt);
      expect(attempt.headers.slice(2)).to.deep.equal(['x-gateway-attempts', '1/2']);
    }
  });

  it('while a request is being uploaded the time is the client’s', async () => {
    const attempt = anAttempt(anExchange({ method: 'POST', body: aBody(true) }));
    const state = begin(attempt);
    await pass(5_000);
    expect(state.outcome).to.equal('under way');
    attempt.markSent();
    await pass(299);
    expect(state.outcome).to.equal('under way');
    await pass(1);
    expect(state.outcome).to.equal('attempt-timeout');
  });

  it('and the time for all attempts begins behind the upload, whichever attempt it was', async () => {
    const exchange = anExchange({ method: 'PUT', body: aBody() });
    begin(anAttempt(exchange), silence, { all: 300, one: 300 });
    const again = new NewAttempt(exchange, now);
    const state: { outcome?: string } = {};
    timeout(300, clock)(again, silence).catch((problem: Problem) => {
      state.outcome = problem.code;
    });
    await pass(5_000);
    again.markSent();
    expect(exchange.deadlineAt).to.equal(5_300);
    await pass(299);
    expect(state.outcome).to.equal(undefined);
    await pass(1);
    expect(state.outcome).to.equal('attempt-timeout');
  });

  it('and so does the caller’s patience', async () => {
    const attempt = anAttempt(anExchange({ method: 'PUT', body: aBody(), timeLeft: 200 }));
    const state = begin(attempt);
    await pass(5_000);
    attempt.markSent();
    await pass(199);
    expect(state.outcome).to.equal('under way');
    await pass(1);
    expect(state.outcome).to.equal('caller-gone');
  });

  it('a try that sends the upload once more wins no time by it', async () => {
    const exchange = anExchange({ method: 'PUT', body: aBody() });
    const first = anAttempt(exchange);
    begin(first, silence, { all: 300, one: 200 });
    first.markSent();
    await pass(200);
    const again = new NewAttempt(exchange, now);
    timeout(200, clock)(again, silence).catch(() => {});
    again.markSent();
    expect(exchange.deadlineAt).to.equal(300);
    await pass(100);
    expect(again.aborted?.code).to.equal('deadline-exceeded');
  });

  it('an upload that was sent before anybody asked counts from there', async () => {
    const attempt = anAttempt(anExchange({ method: 'POST', body: aBody(true) }));
    attempt.markSent();
    const state = begin(attempt);
    await pass(300);
    expect(state.outcome).to.equal('attempt-timeout');
  });
});
