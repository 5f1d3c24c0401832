import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { cancel } from '../../../core/upstream/exchange.ts';
import { compose, type Layer } from '../../../core/upstream/layer.ts';
import { anAttempt, anExchange, aResponse } from './an-exchange.ts';

describe('an attempt', () => {
  it('is numbered in its exchange', () => {
    const exchange = anExchange();
    expect([anAttempt(exchange), anAttempt(exchange), anAttempt(exchange)].map(({ number }) => number)).to.deep.equal([0, 1, 2]);
    expect(exchange.attempts.length).to.equal(3);
  });

  it('is aborted once, with the first reason', () => {
    const attempt = anAttempt();
    const reasons: string[] = [];
    attempt.whenAborted(({ code }) => reasons.push(code));
    attempt.abort(new Problem('attempt-timeout'));
    attempt.abort(new Problem('client-closed'));
    expect([reasons, attempt.aborted?.code]).to.deep.equal([['attempt-timeout'], 'attempt-timeout']);
  });

  it('remembers that it was aborted before anybody asked', () => {
    const attempt = anAttempt();
    attempt.abort(new Problem('client-closed'));
    expect(attempt.aborted?.code).to.equal('client-closed');
  });
});

describe('cancel', () => {
  it('ends the attempt under way, and only that, with the first reason', () => {
    const exchange = anExchange();
    const [first, second] = [anAttempt(exchange), anAttempt(exchange)];
    cancel(exchange, new Problem('client-closed'));
    cancel(exchange, new Problem('body-too-large'));
    expect([first.aborted, second.aborted?.code, exchange.cancelled?.code]).to.deep.equal([undefined, 'client-closed', 'client-closed']);
  });
});

describe('compose', () => {
  it('runs the layers from the outermost to the transport, and back', async () => {
    const steps: string[] = [];
    const layer =
      (name: string): Layer =>
      async (attempt, next) => {
        steps.push(`>${name}`);
        const response = await next(attempt);
        steps.push(`<${name}`);
        return response;
      };
    const send = compose([layer('a'), layer('b')], async () => {
      steps.push('transport');
      return aResponse(204);
    });
    expect((await send(anAttempt())).status).to.equal(204);
    expect(steps).to.deep.equal(['>a', '>b', 'transport', '<b', '<a']);
  });

  it('a layer may call down again', async () => {
    let calls = 0;
    const twice: Layer = async (attempt, next) => {
      await next(attempt);
      return next(attempt);
    };
    await compose([twice], async () => {
      calls += 1;
      return aResponse();
    })(anAttempt());
    expect(calls).to.equal(2);
  });
});
