import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { BuiltIn } from '../../../../core/filter/builtin/built-in.ts';
import { abort, delay } from '../../../../core/filter/builtin/faults.ts';
import { requestSize } from '../../../../core/filter/builtin/request-size.ts';
import { Problem } from '../../../../core/problem.ts';
import type { RequestBody } from '../../../../core/upstream/request-body.ts';
import { anExchange, callOptions } from '../an-exchange.ts';

describe('filters that refuse', () => {
  const problemOf = (filter: BuiltIn | undefined, given: Parameters<typeof anExchange>[0]) => {
    try {
      void filter?.run(anExchange(given));
      return undefined;
    } catch (problem) {
      return problem instanceof Problem ? [problem.status, problem.code] : problem;
    }
  };

  it('refuse a body whose length says that it is too large, or that was seen to be', () => {
    const body = (bytes: number) => ({ bytes, limitTo() {} }) as unknown as RequestBody;
    expect(problemOf(requestSize(10), { headers: { 'content-length': '11' }, outgoing: { body: body(0) } })).to.deep.equal([
      413,
      'body-too-large',
    ]);
    expect(problemOf(requestSize(10), { outgoing: { body: body(11) } })).to.deep.equal([413, 'body-too-large']);
    expect(problemOf(requestSize(10), { headers: { 'content-length': '10' }, outgoing: { body: body(0) } })).to.equal(undefined);
    expect(problemOf(requestSize(10), {})).to.equal(undefined);
  });

  it('bound one whose length nobody told', () => {
    const limits: number[] = [];
    const body = { bytes: 0, limitTo: (limit: number) => limits.push(limit) } as unknown as RequestBody;
    expect(problemOf(requestSize(10), { outgoing: { body } })).to.equal(undefined);
    expect(limits).to.deep.equal([10]);
  });

  const inside = { call: callOptions({ edge: false, random: () => 0.5 }) };
  const edge = { call: callOptions({ edge: true, random: () => 0.5 }) };

  it('fail on purpose, as often as they are told', () => {
    expect(problemOf(abort({ status: 418, sample: 0.6, public: false }, inside), {})).to.deep.equal([418, 'fault-injected']);
    expect(problemOf(abort({ status: 418, sample: 0.5, public: false }, inside), {})).to.equal(undefined);
  });

  it('are not there at the public gateway, unless that is said', () => {
    expect(abort({ status: 418, sample: 1, public: false }, edge)).to.equal(undefined);
    expect(delay({ duration: 10, sample: 1, public: false }, edge)).to.equal(undefined);
    expect(problemOf(abort({ status: 418, sample: 1, public: true }, edge), {})).to.deep.equal([418, 'fault-injected']);
    expect(delay({ duration: 10, sample: 1, public: true }, edge)).not.to.equal(undefined);
  });

  it('hold up, but not for a client that has left; and leave no listener', async () => {
    const exchange = anExchange();
    const res = new EventEmitter();
    Object.assign(exchange.ctx, { res });
    await delay({ duration: 5, sample: 1, public: false }, inside)?.run(exchange);
    expect(res.listenerCount('close')).to.equal(0);
    const held = delay({ duration: 3_600_000, sample: 1, public: false }, inside)?.run(exchange);
    res.emit('close');
    await held;
    expect([res.listenerCount('close'), res.listenerCount('error')]).to.deep.equal([0, 0]);
  });
});
