import { expect } from 'chai';
import fc from 'fast-check';
import type { Choose } from '../../../core/balancer/balancer.ts';
import { roundRobin } from '../../../core/balancer/round-robin.ts';
import { stickyValue } from '../../../core/balancer/sticky.ts';
import { Endpoint } from '../../../core/endpoint/endpoint.ts';
import { OutlierDetector, type OutlierOptions } from '../../../core/endpoint/outlier.ts';
import { Problem, type ProblemCode } from '../../../core/problem.ts';
import { balance } from '../../../core/upstream/balance.ts';
import { Attempt, type Exchange } from '../../../core/upstream/exchange.ts';
import type { RequestBody } from '../../../core/upstream/request-body.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { testClock } from '../../support/clock.ts';
import { anExchange } from './an-exchange.ts';

const defaults: OutlierOptions = { consecutiveErrors: 5, interval: 10_000, baseEjection: 30_000, maxEjected: 0.1, panicThreshold: 0.5 };

interface Rig {
  count?: number;
  choose?: Choose;
  cookie?: string;
  zones?: readonly string[];
  outlier?: Partial<OutlierOptions>;
}

/** One try, until it is told what it comes to. */
interface Open {
  readonly attempt: Attempt;
  readonly endpoint: Endpoint | undefined;
  answer(status: number): UpstreamResponse;
  fail(code: ProblemCode): void;
  readonly outcome: Promise<UpstreamResponse | Problem>;
}

function rig({ count = 3, choose = roundRobin(), cookie, zones = [], outlier = {} }: Rig = {}) {
  const clock = testClock();
  const endpoints = Array.from(
    { length: count },
    (_, index) =>
      new Endpoint({
        url: new URL(`http://10.0.0.1:${4001 + index}`),
        weight: 1,
        zone: zones[index],
        connectTimeout: 2_000,
        slowStart: 0,
        clock,
      }),
  );
  const log: string[] = [];
  const detector = new OutlierDetector<Endpoint>(
    { ...defaults, ...outlier },
    { onEjected: ({ id }, _, reason) => log.push(`${id} ${reason}`), onReturned: ({ id }) => log.push(`${id} returned`), onPanic() {} },
  );
  detector.watch(endpoints, clock.now());
  const layer = balance({
    endpoints: () => endpoints,
    choose,
    detector,
    zone: zones[0],
    cookie,
    failureCost: 15_000,
    probePatience: 5_000,
    clock,
  });
  const open = (exchange: Exchange = anExchange()): Open => {
    const attempt = new Attempt(exchange, clock.now());
    const transport = Promise.withResolvers<UpstreamResponse>();
    const outcome = layer(attempt, () => transport.promise).catch((error: Problem) => error);
    return {
      attempt,
      endpoint: attempt.endpoint,
      answer(status) {
        const response = new UpstreamResponse(status, '', [], { pause() {}, resume() {}, abort() {} });
        transport.resolve(response);
        return response;
      },
      fail: (code) => transport.reject(new Problem(code)),
      outcome,
    };
  };
  const comesTo = async (what: number | ProblemCode, exchange?: Exchange) => {
    const try_ = open(exchange);
    if (typeof what === 'string') try_.fail(what);
    else try_.answer(what).complete([]);
    await try_.outcome;
    return try_;
  };
  return { clock, endpoints, detector, log, open, comesTo };
}

describe('balance', () => {
  it('places each further try of an exchange on an endpoint that was not tried, while there is one', () => {
    const { open, endpoints } = rig({ choose: (candidates) => candidates[0] });
    const exchange = anExchange();
    const tried = [open(exchange), open(exchange), open(exchange), open(exchange)].map(({ endpoint }) => endpoint);
    expect(tried).to.deep.equal([...endpoints, endpoints[0]]);
  });

  it('of no endpoint, or none chosen, says that there is none', async () => {
    for (const nowhere of [rig({ count: 0 }), rig({ choose: () => undefined })]) {
      const problem = await nowhere.open().outcome;
      expect(problem).to.include({ code: 'no-endpoint' });
    }
  });

  it('tells the balancer the time and the key of the request', () => {
    const told: unknown[] = [];
    const { open } = rig({
      choose: (candidates, placing) => {
        told.push(placing);
        return candidates[0];
      },
    });
    open(anExchange({ hashKey: 'ada' }));
    expect(told).to.deep.equal([{ now: 1_000, hashKey: 'ada' }]);
  });

  it('offers the own zone first, and the others to a try after it', () => {
    const { open, endpoints } = rig({ zones: ['a', 'b', 'b'], choose: (candidates) => candidates.at(-1) });
    const exchange = anExchange();
    expect([open(exchange).endpoint, open(exchange).endpoint]).to.deep.equal([endpoints[0], endpoints[2]]);
  });

  it('counts a try at its endpoint until the answer is whole or cut, or it has failed', async () => {
    const { open, endpoints } = rig({ count: 1 });
    const [whole, cut, failed] = [open(), open(), open()];
    const inFlight = () => endpoints[0]?.inFlight;
    expect(inFlight()).to.equal(3);
    const [first, second] = [whole.answer(200), cut.answer(200)];
    await Promise.all([whole.outcome, cut.outcome]);
    expect(inFlight()).to.equal(3);
    first.complete([]);
    second.fail(new Problem('response-incomplete'));
    failed.fail('connection-terminated');
    await failed.outcome;
    expect(inFlight()).to.equal(0);
  });

  it('takes an answer for as long as it took, a try without one as if it had taken all its time, and nothing of a client that left', async () => {
    for (const [what, cost] of [
      [200, 40],
      [404, 40],
      [500, 40],
      ['attempt-timeout', 15_000],
      ['connection-refused', 15_000],
      ['client-closed', undefined],
    ] as const) {
      const { open, endpoints, clock } = rig({ count: 1 });
      const try_ = open();
      clock.advance(40);
      if (typeof what === 'string') try_.fail(what);
      else try_.answer(what);
      await try_.outcome;
      expect(endpoints[0]?.latency.cost(clock.now()), String(what)).to.equal(cost);
    }
  });

  it('tells the detector of failures, which ejects; of what clients do it tells nothing bad', async () => {
    for (const what of [500, 503, 'connection-refused', 'connect-timeout', 'attempt-timeout', 'connection-terminated'] as const) {
      const { comesTo, log } = rig({ choose: (candidates) => candidates[0] });
      for (let count = 0; count < 5; count += 1) await comesTo(what);
      expect(log, String(what)).to.deep.equal(['10.0.0.1:4001 consecutive-errors']);
    }
    for (const what of [400, 404, 429, 499, 'client-closed', 'request-timeout', 'body-too-large'] as const) {
      const { comesTo, log } = rig({ choose: (candidates) => candidates[0] });
      for (let count = 0; count < 20; count += 1) await comesTo(what);
      expect(log, String(what)).to.deep.equal([]);
    }
  });

  describe('with an endpoint that is due for its probe', () => {
    const due = async (more: Rig = {}) => {
      const started = rig({ choose: (candidates) => candidates[0], ...more });
      for (let count = 0; count < 5; count += 1) await started.comesTo(500);
      started.clock.advance(30_000);
      return { ...started, ejected: started.endpoints[0] };
    };

    it('makes the next request the probe, and only that', async () => {
      const { open, ejected, endpoints, log } = await due();
      const [probe, other] = [open(), open()];
      expect([probe.endpoint, other.endpoint]).to.deep.equal([ejected, endpoints[1]]);
      probe.answer(200);
      await probe.outcome;
      expect(log.at(-1)).to.equal('10.0.0.1:4001 returned');
      expect(open().endpoint).to.equal(ejected);
    });

    it('makes no second try of an exchange the probe', async () => {
      const { open, ejected, endpoints } = await due();
      const exchange = anExchange();
      expect(new Attempt(exchange, 0).number).to.equal(0);
      expect(open(exchange).endpoint).to.equal(endpoints[1]);
      expect(open().endpoint).to.equal(ejected);
    });

    it('takes no request that would be lost with it, nor one with a body, unless no other has come for a while', async () => {
      const { open, ejected, endpoints, clock } = await due();
      const body = { begun: false, replayable: true } as RequestBody;
      const costly = () => [anExchange({ method: 'POST' }), anExchange({ method: 'PUT', body })];
      for (const exchange of costly()) expect(open(exchange).endpoint).to.equal(endpoints[1]);
      clock.advance(4_999);
      for (const exchange of costly()) expect(open(exchange).endpoint).to.equal(endpoints[1]);
      clock.advance(1);
      expect(costly().map((exchange) => open(exchange).endpoint)).to.deep.equal([ejected, endpoints[1]]);
    });

    it('learns nothing from a connection that was closed for idleness', async () => {
      const { open, ejected, log } = await due();
      const try_ = open();
      try_.attempt.reusedConnection = true;
      try_.fail('connection-terminated');
      await try_.outcome;
      expect(log).to.have.length(1);
      expect(open().endpoint).to.equal(ejected);
    });

    it('leaves it out for longer when the probe fails', async () => {
      const { comesTo, clock, open, endpoints, log } = await due();
      await comesTo('connection-refused');
      expect(log.at(-1)).to.equal('10.0.0.1:4001 failed-probe');
      clock.advance(30_000);
      expect(open().endpoint).to.equal(endpoints[1]);
    });

    it('lets the next request be it when a client left', async () => {
      const { comesTo, open, ejected } = await due();
      expect((await comesTo('client-closed')).endpoint).to.equal(ejected);
      expect(open().endpoint).to.equal(ejected);
    });

    it('takes no client from the endpoint that its cookie names, except to that one', async () => {
      const { open, ejected, endpoints } = await due({ cookie: 'stuck' });
      const stuckTo = (endpoint: Endpoint | undefined) => anExchange({ stuckTo: stickyValue(endpoint?.id ?? '') });
      expect(open(stuckTo(endpoints[1])).endpoint).to.equal(endpoints[1]);
      expect(open(stuckTo(ejected)).endpoint).to.equal(ejected);
    });

    it('unless no other has come for a while', async () => {
      const { open, ejected, endpoints, clock } = await due({ cookie: 'stuck' });
      const elsewhere = () => open(anExchange({ stuckTo: stickyValue(endpoints[1]?.id ?? '') })).endpoint;
      clock.advance(4_999);
      expect(elsewhere()).to.equal(endpoints[1]);
      clock.advance(1);
      expect([elsewhere(), elsewhere()]).to.deep.equal([ejected, endpoints[1]]);
    });
  });

  describe('with a sticky cookie', () => {
    const choose: Choose = (candidates) => candidates[0];
    const setCookie = async (exchange: Exchange, { open }: ReturnType<typeof rig>, status = 200) => {
      const try_ = open(exchange);
      const response = try_.answer(status);
      await try_.outcome;
      return response.headers;
    };

    it('sets it unless the request had this very one', async () => {
      const started = rig({ choose, cookie: 'stuck' });
      const value = stickyValue('10.0.0.1:4001');
      const set = (more: string) => ['Set-Cookie', `stuck=${value}; Path=/; HttpOnly; SameSite=Lax${more}`];
      expect(await setCookie(anExchange(), started)).to.deep.equal(set(''));
      expect(await setCookie(anExchange({ scheme: 'https' }), started)).to.deep.equal(set('; Secure'));
      expect(await setCookie(anExchange({ stuckTo: 'nobody' }), started)).to.deep.equal(set(''));
      expect(await setCookie(anExchange({ stuckTo: value }), started)).to.deep.equal([]);
      expect(await setCookie(anExchange(), rig({ choose }))).to.deep.equal([]);
      expect(await setCookie(anExchange(), started, 404)).to.deep.equal(set(''));
      expect(await setCookie(anExchange(), started, 503)).to.deep.equal([]);
    });

    it('goes by it, and to the same one again only when an old connection to it broke', () => {
      const { open, endpoints } = rig({ choose, cookie: 'stuck' });
      for (const [reused, second] of [
        [false, endpoints[0]],
        [true, endpoints[1]],
      ] as const) {
        const exchange = anExchange({ stuckTo: stickyValue('10.0.0.1:4002') });
        const { attempt, endpoint } = open(exchange);
        expect(endpoint).to.equal(endpoints[1]);
        attempt.reusedConnection = reused;
        expect(open(exchange).endpoint).to.equal(second);
      }
    });
  });

  /** Begins a try, or ends one of those under way, or lets time pass. */
  const step = fc.oneof(
    fc.record({ is: fc.constant('begin' as const), stuckTo: fc.option(fc.nat(3)) }),
    fc.record({
      is: fc.constant('end' as const),
      which: fc.nat(20),
      as: fc.constantFrom<(number | ProblemCode)[]>(200, 404, 500, 503, 'connection-refused', 'attempt-timeout', 'client-closed'),
    }),
    fc.record({ is: fc.constant('pass' as const), by: fc.integer({ min: 1, max: 40_000 }) }),
  );

  it('in whatever order tries begin and end, counts them right, probes one at a time and forgets no probe', () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120, size: 'max' }), fc.integer({ min: 1, max: 4 }), async (steps, count) => {
        const { open, endpoints, detector, clock } = rig({ count, outlier: { consecutiveErrors: 2, maxEjected: 1 } });
        const underWay: { try_: Open; probe: boolean }[] = [];
        const end = async ({ try_ }: (typeof underWay)[number], as: number | ProblemCode) => {
          if (typeof as === 'string') try_.fail(as);
          else try_.answer(as).complete([]);
          await try_.outcome;
        };
        const check = () => {
          for (const endpoint of endpoints) {
            const here = underWay.filter(({ try_ }) => try_.endpoint === endpoint);
            expect(endpoint.inFlight).to.equal(here.length);
            expect(here.filter(({ probe }) => probe).length).to.equal(endpoint.outlier.state.is === 'probing' ? 1 : 0);
          }
          expect(detector.ejected).to.equal(endpoints.filter(({ available }) => !available).length);
        };
        for (const one of steps) {
          if (one.is === 'pass') clock.advance(one.by);
          else if (one.is === 'begin') {
            const states = new Map(endpoints.map((endpoint) => [endpoint, endpoint.outlier.state.is]));
            const offered = detector.offered(endpoints);
            const cookie = one.stuckTo === null ? undefined : stickyValue(`10.0.0.1:${4001 + one.stuckTo}`);
            const try_ = open(anExchange({ stuckTo: cookie }));
            const { endpoint } = try_;
            if (!endpoint) throw new Error('a try without an endpoint');
            const probe = endpoint.outlier.state.is === 'probing' && states.get(endpoint) === 'ejected';
            expect(probe || offered.includes(endpoint)).to.equal(true);
            underWay.push({ try_, probe });
          } else {
            const [ended] = underWay.splice(one.which % Math.max(1, underWay.length), 1);
            if (ended) await end(ended, one.as);
          }
          check();
        }
        for (const left of underWay.splice(0)) await end(left, 'client-closed');
        check();
      }),
    ));
});
