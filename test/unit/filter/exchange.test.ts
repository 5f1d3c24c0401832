import { expect } from 'chai';
import { pino } from 'pino';
import { systemClock } from '../../../core/clock.ts';
import type { FilterExchange } from '../../../core/filter/filter.ts';
import { Turn } from '../../../core/filter/turn.ts';
import { Problem } from '../../../core/problem.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { anAnswer, anExchange } from './an-exchange.ts';

describe('an exchange that filters are at work on', () => {
  const bodyOf = async ({ answer }: ReturnType<typeof anExchange>) => String(await answer?.collect(1000));

  it('has no response before there is an answer, and none to change once it is on its way', () => {
    const exchange = anExchange();
    expect(() => exchange.response).to.throw(TypeError, 'no response yet');
    exchange.answer = anAnswer();
    const { response } = exchange;
    exchange.end();
    for (const change of [
      () => response.status,
      () => response.setBody(''),
      () => exchange.respond(200),
      () => response.headers.set('a', 'b'),
      () => exchange.response,
    ])
      expect(change).to.throw(TypeError, 'on its way');
  });

  for (const [what, body, type, written] of [
    ['text', 'größe', 'text/plain; charset=utf-8', 'größe'],
    ['bytes', new Uint8Array([65]), undefined, 'A'],
    ['JSON', { a: 1 }, 'application/json', '{"a":1}'],
    ['null', null, 'application/json', 'null'],
    ['nothing', undefined, undefined, ''],
  ] as const)
    it(`is answered with ${what}`, async () => {
      const exchange = anExchange();
      exchange.respond(201, { 'x-a': 'b' }, body);
      expect([exchange.response.status, exchange.response.headers.get('content-type')]).to.deep.equal([201, type]);
      expect(exchange.response.headers.get('content-length')).to.equal(String(Buffer.byteLength(written)));
      expect(await bodyOf(exchange)).to.equal(written);
    });

  it('has a field as often as the filter gives it', () => {
    const exchange = anExchange();
    exchange.respond(200, { 'Set-Cookie': ['a=1', 'b=2'], 'x-a': 'b' });
    expect(exchange.current().headers).to.deep.equal(['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'x-a', 'b', 'Content-Length', '0']);
  });

  it('has its own type where the filter says so, and no body where the status has none', async () => {
    const exchange = anExchange();
    exchange.respond(200, { 'Content-Type': 'text/csv' }, 'a,b');
    expect(exchange.response.headers.get('content-type')).to.equal('text/csv');
    for (const [status, length] of [
      [204, undefined],
      [205, '0'],
      [304, undefined],
    ] as const) {
      exchange.respond(status, {}, 'dropped');
      const { headers } = exchange.response;
      expect([headers.get('content-length'), headers.get('content-type'), await bodyOf(exchange)]).to.deep.equal([length, undefined, '']);
    }
  });

  for (const status of [0, 99, 100, 101, 199, 600, 200.5, Number.NaN, '200'])
    it(`has no status ${status}`, () => {
      const exchange = anExchange({ answer: [200, []] });
      expect(() => exchange.respond(status as number)).to.throw(TypeError);
      expect(() => {
        exchange.response.status = status as number;
      }).to.throw(TypeError);
      expect(exchange.response.status).to.equal(200);
    });

  it('gives up the answer whose place is taken, and one that comes behind', () => {
    const aborted: number[] = [];
    const underWay = () => new UpstreamResponse(200, '', [], { pause() {}, resume() {}, abort: () => aborted.push(1) });
    const exchange = anExchange();
    exchange.came(underWay());
    exchange.respond(200);
    exchange.came(underWay());
    exchange.end();
    exchange.came(underWay());
    expect(aborted).to.have.length(3);
    expect(exchange.answer?.status).to.equal(200);
  });

  it('loses with a body what was said of it, with a status that has none the body', async () => {
    const fields = [
      'ETag',
      '"a"',
      'Content-Encoding',
      'br',
      'Content-Type',
      'text/plain',
      'Content-Length',
      '3',
      'X-A',
      'b',
      'Digest',
      'x',
      'Content-Security-Policy',
      'p',
    ];
    const exchange = anExchange({ answer: [200, fields, 'abc'] });
    exchange.response.setBody('other');
    expect(exchange.current().headers).to.deep.equal([
      'Content-Type',
      'text/plain',
      'X-A',
      'b',
      'Content-Security-Policy',
      'p',
      'Content-Length',
      '5',
    ]);
    exchange.response.status = 204;
    expect([exchange.response.headers.get('content-length'), await bodyOf(exchange)]).to.deep.equal([undefined, '']);
  });

  it('is whole where a part, or nothing, had come: with another body or another status', async () => {
    const part = anExchange({ answer: [206, ['Content-Range', 'bytes 0-2/9', 'Content-Length', '3'], 'abc'] });
    part.response.setBody('other');
    expect([part.response.status, part.current().headers]).to.deep.equal([200, ['Content-Length', '5']]);
    const unchanged = anExchange({ answer: [304, ['ETag', '"a"', 'Content-Length', '1234', 'X-A', 'b']] });
    unchanged.response.status = 200;
    expect([unchanged.response.status, unchanged.current().headers]).to.deep.equal([200, ['X-A', 'b', 'Content-Length', '0']]);
    const reset = anExchange({ answer: [205, ['Content-Length', '0']] });
    reset.response.setBody('abc');
    expect([reset.current().headers, await bodyOf(reset)]).to.deep.equal([['Content-Length', '0'], '']);
  });

  it('has the phrase of its status', () => {
    const exchange = anExchange();
    exchange.answer = new UpstreamResponse(404, 'Not Found', [], { pause() {}, resume() {}, abort() {} });
    exchange.response.status = 404;
    expect(exchange.answer.statusText).to.equal('Not Found');
    exchange.response.status = 410;
    expect([exchange.answer.status, exchange.answer.statusText]).to.deep.equal([410, '']);
  });

  it('tells who asks, whose rights no filter can change', () => {
    const scopes = new Set(['orders:read']);
    const { request } = anExchange({ state: { principal: Object.freeze({ kind: 'user', subject: 'u', claims: {}, scopes }) } });
    (request.principal as unknown as { scopes: Set<string> }).scopes.add('orders:write');
    expect([...scopes]).to.deep.equal(['orders:read']);
    expect(request.principal).to.deep.equal({ kind: 'user', subject: 'u', claims: {}, scopes });
  });

  it('is changed by nobody whose turn is over', async () => {
    const exchange = anExchange({ answer: [200, []] });
    let held: FilterExchange | undefined;
    const run = (given: FilterExchange) => {
      held = given;
      given.request.headers.set('x-in-time', 'a');
      given.response.status = 201;
    };
    const parts = { exchange, clock: systemClock, logger: pino({ enabled: false }), timeout: 1000, call: undefined };
    await new Turn({ name: 'late', stage: 'post', order: 0, foreign: true, run }, parts).run();
    if (!held) throw new Error('it did not run');
    const { request, response } = held;
    for (const change of [
      () => Object.assign(request, { method: 'PUT' }),
      () => Object.assign(request, { url: '/other' }),
      () => request.headers.set('x-late', 'a'),
      () => request.headers.delete('x-in-time'),
      () => Object.assign(response, { status: 202 }),
      () => response.headers.append('x-late', 'a'),
      () => response.setBody('late'),
    ])
      expect(change).to.throw(TypeError, 'late has ended');
    expect([request.method, request.url, request.headers.get('x-in-time'), response.status]).to.deep.equal(['GET', '/orders', 'a', 201]);
  });

  it('shows its failure, of which nothing a filter does to it becomes true', async () => {
    const exchange = anExchange({ answer: [503, []] });
    exchange.error = new Problem('overloaded', { retryAfter: 5 });
    const run = ({ error }: FilterExchange) => Object.assign(error as object, { code: 'other', options: {} });
    const parts = { exchange, clock: systemClock, logger: pino({ enabled: false }), timeout: 1000, call: undefined };
    await new Turn({ name: 'hides', stage: 'error', order: 0, foreign: true, run }, parts).run();
    expect([exchange.error.code, exchange.error.options]).to.deep.equal(['overloaded', { retryAfter: 5 }]);
  });

  it('that was upgraded is no answer any more', () => {
    const { response, ...exchange } = (() => {
      const made = anExchange({ answer: [101, []] });
      return { response: made.response, respond: () => made.respond(200) };
    })();
    expect(response.status).to.equal(101);
    for (const change of [
      exchange.respond,
      () => response.setBody(''),
      () => response.body(1),
      () => Object.assign(response, { status: 200 }),
    ])
      expect(change).to.throw(TypeError, 'upgraded');
  });

  it('takes no body that is neither text nor bytes, and no limit that is none', () => {
    const { response } = anExchange({ answer: [200, [], 'a'] });
    for (const body of [5, {}, null, undefined, []]) expect(() => response.setBody(body as unknown as string)).to.throw(TypeError);
    for (const limit of [undefined, -1, Number.NaN, '5']) expect(() => response.body(limit as number)).to.throw(TypeError);
  });
});
