import { expect } from 'chai';
import { failures, Problem, type ProblemCode } from '../../../core/problem.ts';
import { cannotAnswer, preparedAnswer } from '../../../core/upstream/fallback.ts';
import { aResponse } from './an-exchange.ts';

describe('a fallback', () => {
  it('is for 502, 503 and 504 of a service, and for no other status', () => {
    const unavailable = Array.from({ length: 500 }, (_, index) => 100 + index).filter((status) => cannotAnswer(aResponse(status)));
    expect(unavailable).to.deep.equal([502, 503, 504]);
  });

  it('is for what the service or the way to it failed at, never for what the client did, nor for a fault of ours', () => {
    const codes = Object.keys(failures) as ProblemCode[];
    const not = codes.filter((code) => !cannotAnswer(new Problem(code)));
    expect(not).to.deep.equal(codes.filter((code) => failures[code].source === 'client' || code === 'internal-error'));
    for (const code of ['circuit-open', 'concurrency-limited', 'no-endpoint', 'attempt-timeout', 'connection-refused'] as const)
      expect(cannotAnswer(new Problem(code)), code).to.equal(true);
  });

  const prepared = async (fallback: Parameters<typeof preparedAnswer>[0]) => {
    const answer = preparedAnswer(fallback);
    return { status: answer.status, headers: answer.headers, body: (await answer.collect(1_000)).toString() };
  };

  it('is JSON, unless it is text', async () => {
    expect(await prepared({ body: { items: [] } })).to.deep.equal({
      status: 200,
      headers: ['Content-Type', 'application/json', 'Content-Length', '12'],
      body: '{"items":[]}',
    });
    expect(await prepared({ status: 203, body: 'é' })).to.deep.equal({
      status: 203,
      headers: ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', '2'],
      body: 'é',
    });
    for (const body of [[], 0, false, null]) expect((await prepared({ body })).body).to.equal(JSON.stringify(body));
  });

  it('may be without a body, and have fields of its own', async () => {
    expect(await prepared({ headers: { 'X-Stale': 'yes' } })).to.deep.equal({
      status: 200,
      headers: ['X-Stale', 'yes', 'Content-Length', '0'],
      body: '',
    });
    expect((await prepared({ headers: { 'content-TYPE': 'text/html' }, body: '<p>' })).headers).to.deep.equal([
      'content-TYPE',
      'text/html',
      'Content-Length',
      '3',
    ]);
  });

  it('says nothing of a body where its status has none', async () => {
    for (const status of [204, 205, 304])
      expect(await prepared({ status, headers: { 'X-Stale': 'yes' } })).to.deep.equal({ status, headers: ['X-Stale', 'yes'], body: '' });
  });

  it('is made anew for each answer', () => {
    const fallback = { headers: { 'X-Stale': 'yes' }, body: 'text' };
    preparedAnswer(fallback).headers.push('Via', 'us');
    expect(preparedAnswer(fallback).headers).to.not.include('Via');
  });
});
