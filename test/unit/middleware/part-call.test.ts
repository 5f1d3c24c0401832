import { expect } from 'chai';
import type { Part } from '../../../core/aggregate/plan.ts';
import { compileParts } from '../../../core/aggregate/plan.ts';
import type { PartConfig } from '../../../core/config/schema/index.ts';
import type { CallOptions } from '../../../core/middleware/new-exchange.ts';
import { type Have, PartRefused, partCalls } from '../../../core/middleware/part-call.ts';
import { asProblem, Problem } from '../../../core/problem.ts';
import type { Exchange } from '../../../core/upstream/exchange.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import type { Service } from '../../../core/upstream/service.ts';
import { testClock } from '../../support/clock.ts';
import { aContext } from './a-context.ts';

const JSON_FIELDS = ['content-type', 'application/json'];
const answer = (status: number, headers: string[], body: string | Buffer = '{}') =>
  UpstreamResponse.whole(status, headers, Buffer.from(body as string));

describe('a call for a part', () => {
  const none = new Map<string, Have>();

  /** A service that is a function, and what calls to it are made with. */
  const stage = (respond: (exchange: Exchange) => UpstreamResponse | Promise<UpstreamResponse>, more: object = {}) => {
    const clock = testClock();
    const exchanges: Exchange[] = [];
    const counted: string[] = [];
    const service = {
      name: 'users',
      config: {},
      affinity: { hashKey: () => undefined, stuckTo: () => undefined },
      statistics: { count: (event: string) => counted.push(event) },
      call: async (exchange: Exchange) => {
        exchanges.push(exchange);
        return respond(exchange);
      },
    } as unknown as Service;
    const options = { edge: false, services: new Map([['users', service]]), clock } as unknown as CallOptions;
    const { merge = false, method = 'GET', headers = {}, query = '' } = more as Record<string, never>;
    const ctx = aContext({
      method,
      headers,
      state: {
        outgoing: {
          method,
          headers: ['x-request-id', 'r', 'accept', 'text/html', 'range', 'bytes=0-1', 'x-gateway-caller', 'shop'],
          query,
        },
        route: { config: { aggregate: { merge } } },
        principal: { kind: 'anonymous' },
        client: { address: '192.0.2.1', host: '', scheme: 'http', trusted: true },
        params: { id: '7' },
      },
    });
    return { ctx, clock, exchanges, counted, calls: partCalls(ctx, options, () => true) };
  };
  const part = (more: Partial<PartConfig> = {}): Part => {
    const config = { service: 'users', path: '/users/{id}', required: false, limit: 1024, ...more } as PartConfig;
    return compileParts({ parts: { user: config }, merge: false })[0] ?? expect.fail();
  };
  const failure = async (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => expect.fail('it was had'),
      (error) => error,
    );
  const detailOf = async (headers: string[], body: string | Buffer = '{}', status = 200, more: object = {}) => {
    const { calls } = stage(() => answer(status, headers, body), more);
    const problem = asProblem(await failure(calls.have(part(), none)));
    expect(problem.code).to.equal('part-unavailable');
    return problem.options.detail;
  };

  it('is a GET of the part, with what the gateway says and without what the client wants of the whole', async () => {
    const { calls, exchanges } = stage(() => answer(200, JSON_FIELDS), { query: 'q=a%26b' });
    await calls.have(part({ path: '/users/{id}?of={query.q}', timeout: 50 }), none);
    const [exchange] = exchanges;
    expect(exchange).to.include({ method: 'GET', path: '/users/7?of=a%26b', interim: false, within: 50, body: undefined });
    expect(exchange?.headers.join(' ')).to.equal('x-request-id r x-gateway-caller shop accept application/json accept-encoding identity');
  });

  it('has what is left of the patience of the caller, of which each part before took some, once', async () => {
    const { calls, clock, exchanges, ctx } = stage(() => answer(200, JSON_FIELDS), { headers: { 'x-gateway-time-left': '1000' } });
    for (const spent of [300, 300, 0]) {
      await calls.have(part({ required: true }), none);
      clock.advance(spent);
    }
    expect(exchanges.map(({ timeLeft }) => timeLeft)).to.deep.equal([1000, 700, 400]);
    expect(ctx.state.exchange).to.equal(undefined);
  });

  it('is not made any more when all have been given up', async () => {
    const { calls, exchanges } = stage(() => answer(200, JSON_FIELDS));
    calls.cancel(new Problem('client-closed'));
    expect(asProblem(await failure(calls.have(part(), none))).code).to.equal('client-closed');
    expect(exchanges).to.have.length(0);
  });

  it('that is under way is given up with all', async () => {
    const { calls, exchanges, ctx } = stage(() => new Promise<never>(() => {}));
    void calls.have(part(), none);
    await Promise.resolve();
    calls.cancel(new Problem('client-closed'));
    expect(exchanges.map(({ cancelled }) => cancelled?.code)).to.deep.equal(['client-closed']);
    expect(ctx.state.exchange).to.equal(undefined);
  });

  it('is timed no longer than until it has ended, one way or another', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    // Mocha's own begins when the test first waits.
    await Promise.resolve();
    for (const status of [200, 404, 500]) {
      const { calls, exchanges } = stage((exchange) => {
        exchange.deadlineAt = 60_000;
        return answer(status, JSON_FIELDS);
      });
      const before = timers();
      await calls.have(part({ required: true }), none).catch(() => {});
      calls.cancel(new Problem('client-closed'));
      // What has ended is not given up: a refusal is on its way to the client.
      expect([timers() - before, exchanges[0]?.cancelled]).to.deep.equal([0, undefined]);
    }
  });

  it('that fails is counted as what it came to; a required one is what the answer is about', async () => {
    for (const required of [false, true]) {
      const { calls, counted, ctx, exchanges } = stage(() => Promise.reject(new Problem('connection-refused')));
      await failure(calls.have(part({ required }), none));
      expect(counted).to.deep.equal(['exceptionThrown', 'fallbackMissing']);
      expect(ctx.state.exchange).to.equal(required ? exchanges[0] : undefined);
      expect(ctx.state.parts?.map(({ outcome }) => outcome)).to.deep.equal(['connection-refused']);
    }
    const left = stage(() => Promise.reject(new Problem('client-closed')));
    await failure(left.calls.have(part(), none));
    expect(left.counted).to.deep.equal([]);
  });

  it('has a document in UTF-8 and nothing else', async () => {
    const had = async (headers: string[], body: string | Buffer, status = 200) =>
      (await stage(() => answer(status, headers, body)).calls.have(part(), none)).text;
    expect(await had(JSON_FIELDS, '\ufeff{"a":1.10}')).to.equal('{"a":1.10}');
    expect(await had(['content-type', 'application/hal+json; charset="UTF-8"'], '"ł"')).to.equal('"ł"');
    expect(await had([...JSON_FIELDS, 'content-encoding', 'Identity'], '[]')).to.equal('[]');
    for (const status of [204, 205]) expect(await had([], 'whatever it is', status)).to.equal('null');
    expect(await detailOf([...JSON_FIELDS, 'content-encoding', 'gzip'])).to.contain('encoded');
    expect(await detailOf(['content-type', 'application/json; charset=iso-8859-1'])).to.contain('UTF-8');
    expect(await detailOf(JSON_FIELDS, Buffer.from('"\xff"', 'latin1'))).to.contain('UTF-8');
    expect(await detailOf(JSON_FIELDS, '{')).to.contain('no JSON');
    expect(await detailOf(JSON_FIELDS, '')).to.contain('no JSON');
    expect(await detailOf(['content-type', 'application/jsonp'])).to.contain('application/jsonp');
    expect(await detailOf([])).to.contain('of no type');
    for (const status of [206, 304, 404]) expect(await detailOf(JSON_FIELDS, '{}', status)).to.contain(String(status));
  });

  it('to be merged has an object', async () => {
    for (const body of ['[1]', 'null', '1', '"{}"']) expect(await detailOf(JSON_FIELDS, body, 200, { merge: true })).to.contain('object');
    expect(await detailOf([], '', 204, { merge: true })).to.contain('object');
    const { calls } = stage(() => answer(200, JSON_FIELDS, ' {"a":1}'), { merge: true });
    expect((await calls.have(part(), none)).text).to.equal(' {"a":1}');
  });

  it('says what caches may do', async () => {
    const fields = [...JSON_FIELDS, 'cache-control', 'max-age=60', 'age', '20', 'vary', 'Accept-Language,, Origin'];
    const had = await stage(() => answer(200, fields)).calls.have(part(), none);
    expect([had.caching.freshFor, had.vary]).to.deep.equal([40, ['Accept-Language', 'Origin']]);
    for (const age of ['x', '-5', '']) {
      const aged = [...JSON_FIELDS, 'cache-control', 'max-age=60', 'age', age, 'vary', 'A', 'Vary', 'B'];
      const { caching, vary } = await stage(() => answer(200, aged)).calls.have(part(), none);
      expect([caching.freshFor, vary]).to.deep.equal([60, ['A', 'B']]);
    }
  });

  it('that is required and refused gives the answer, of which a HEAD has no body to wait for', async () => {
    const abort = { aborted: 0 };
    const hanging = () => new UpstreamResponse(404, '', ['x-why', 'gone'], { pause() {}, resume() {}, abort: () => (abort.aborted += 1) });
    for (const method of ['GET', 'HEAD']) {
      const { calls, counted, exchanges, ctx } = stage(hanging, { method });
      const refused = await failure(calls.have(part({ required: true }), none));
      expect(refused).to.be.instanceOf(PartRefused);
      const { response } = refused as PartRefused;
      expect([response.status, response.headers]).to.deep.equal([404, ['x-why', 'gone']]);
      expect([counted, ctx.state.exchange]).to.deep.equal([[], exchanges[0]]);
      let whole = false;
      response.whenDone(() => {
        whole = true;
      });
      expect(whole).to.equal(method === 'HEAD');
    }
    expect(abort.aborted).to.equal(1);
  });
});
