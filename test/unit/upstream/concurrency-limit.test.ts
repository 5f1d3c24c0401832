import { mock } from 'node:test';
import { expect } from 'chai';
import fc from 'fast-check';
import { Problem, REDUCED_CAPACITY } from '../../../core/problem.ts';
import { Bulkhead } from '../../../core/upstream/bulkhead.ts';
import { concurrencyLimit } from '../../../core/upstream/concurrency-limit.ts';
import { Attempt, cancel, type Exchange } from '../../../core/upstream/exchange.ts';
import { GradientLimit } from '../../../core/upstream/gradient.ts';
import { Reserve } from '../../../core/upstream/reserve.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { ServiceStatistics } from '../../../core/upstream/statistics.ts';
import { anExchange } from './an-exchange.ts';

type Observed = Parameters<GradientLimit['observe']>;

/** A layer before a transport whose calls come to what the test says, when it says so. */
function rig({ limit = 1, queue = 0, adaptive = false } = {}) {
  let now = 0;
  const observed: Observed[] = [];
  class Watched extends GradientLimit {
    override observe(...sample: Observed): void {
      observed.push(sample);
    }
  }
  const gradient = adaptive ? new Watched({ min: limit, max: limit }) : undefined;
  const bulkhead = new Bulkhead(gradient ?? limit, queue, new Reserve());
  const rejected: string[] = [];
  const statistics = new ServiceStatistics();
  const layer = concurrencyLimit({
    bulkhead,
    places: queue,
    gradient,
    statistics,
    clock: { now: () => now, epoch: () => 0 },
    onRejected: (priority) => rejected.push(priority),
  });
  const sent: (PromiseWithResolvers<UpstreamResponse> & { readonly exchange: Exchange })[] = [];
  const call = (exchange: Exchange) => {
    const state: { outcome?: number | string; error?: unknown } = {};
    layer(new Attempt(exchange, now), (attempt) => {
      const answer = Promise.withResolvers<UpstreamResponse>();
      sent.push({ ...answer, exchange: attempt.exchange });
      return answer.promise;
    }).then(
      ({ status }) => {
        state.outcome = status;
      },
      (error: Problem) => {
        state.outcome = error.code;
        state.error = error;
      },
    );
    return state;
  };
  return {
    bulkhead,
    observed,
    rejected,
    sent,
    call,
    pass: async (milliseconds: number, byTheClock = milliseconds) => {
      now += byTheClock;
      mock.timers.tick(milliseconds);
      await settled();
    },
  };
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

const answering = (status = 200, headers: string[] = []) =>
  new UpstreamResponse(status, '', headers, { pause() {}, resume() {}, abort() {} });
const EVENTS = ['Date', 'today', 'Content-Type', 'text/event-stream; charset=utf-8'];

describe('the layer of the concurrency limit', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('holds a place until the answer is whole', async () => {
    const { bulkhead, sent, call } = rig();
    const state = call(anExchange());
    expect(bulkhead.inFlight).to.equal(1);
    const answer = answering();
    sent[0]?.resolve(answer);
    await settled();
    expect([state.outcome, bulkhead.inFlight]).to.deep.equal([200, 1]);
    answer.complete([]);
    expect(bulkhead.inFlight).to.equal(0);
  });

  it('or was cut, or was whole before anybody asked, or never came', async () => {
    const { bulkhead, sent, call } = rig({ limit: 3 });
    for (const _ of [1, 2, 3]) call(anExchange());
    const [cut, whole] = [answering(), answering()];
    whole.complete([]);
    sent[0]?.resolve(cut);
    sent[1]?.resolve(whole);
    sent[2]?.reject(new Problem('connection-refused'));
    await settled();
    expect(bulkhead.inFlight).to.equal(1);
    cut.fail(new Problem('response-incomplete'));
    expect(bulkhead.inFlight).to.equal(0);
  });

  it('refuses at once beyond it, without a call', async () => {
    const { sent, call, rejected } = rig();
    call(anExchange());
    const { error, outcome } = await (async (state) => {
      await settled();
      return state;
    })(call(anExchange({ priority: 'background' })));
    expect(outcome).to.equal('concurrency-limited');
    expect(error).to.have.property('options').that.deep.equals({ retryAfter: 1, type: REDUCED_CAPACITY });
    expect([sent.length, rejected]).to.deep.equal([1, ['background']]);
  });

  for (const [what, exchange, headers] of [
    ['a tunnel', anExchange({ upgrade: { protocol: 'websocket', head: Buffer.alloc(0) } }), []],
    ['a stream of events', anExchange(), EVENTS],
  ] as const)
    it(`${what} has its place only until it begins, and gives it back once`, async () => {
      const { bulkhead, sent, call } = rig();
      call(exchange);
      expect(bulkhead.inFlight).to.equal(1);
      const answer = answering(200, [...headers]);
      sent[0]?.resolve(answer);
      await settled();
      expect(bulkhead.inFlight).to.equal(0);
      answer.complete([]);
      expect(bulkhead.inFlight).to.equal(0);
    });

  it('whoever waits is called when a place is given back', async () => {
    const { sent, call } = rig({ queue: 1 });
    call(anExchange());
    const waiting = call(anExchange());
    await settled();
    expect([sent.length, waiting.outcome]).to.deep.equal([1, undefined]);
    sent[0]?.reject(new Problem('connection-refused'));
    await settled();
    expect(sent.length).to.equal(2);
    sent[1]?.resolve(answering());
    await settled();
    expect(waiting.outcome).to.equal(200);
  });

  it('waits no longer than its time, even by a timer that is early', async () => {
    const { call, pass, rejected, bulkhead } = rig({ queue: 1 });
    call(anExchange());
    const waiting = call(anExchange({ deadlineAt: 100 }));
    await pass(99);
    expect(waiting.outcome).to.equal(undefined);
    await pass(1, 0.5);
    expect(waiting.outcome).to.equal('deadline-exceeded');
    const impatient = call(anExchange({ deadlineAt: 150, expiresAt: 150 }));
    await pass(100);
    expect(impatient.outcome).to.equal('caller-gone');
    expect([rejected, bulkhead.queued]).to.deep.equal([[], 0]);
  });

  it('waits no longer than its client', async () => {
    const { call, sent, rejected, bulkhead } = rig({ queue: 1 });
    call(anExchange());
    const exchange = anExchange();
    const waiting = call(exchange);
    await settled();
    cancel(exchange, new Problem('client-closed'));
    await settled();
    expect([waiting.outcome, rejected, bulkhead.queued, sent.length]).to.deep.equal(['client-closed', [], 0, 1]);
  });

  it('a place that came as the client left goes to the next', async () => {
    const { call, sent, bulkhead } = rig({ queue: 2 });
    call(anExchange());
    const exchange = anExchange();
    const leaving = call(exchange);
    const next = call(anExchange());
    await settled();
    sent[0]?.reject(new Problem('connection-refused'));
    cancel(exchange, new Problem('client-closed'));
    await settled();
    expect([leaving.outcome, next.outcome, sent.length, bulkhead.inFlight]).to.deep.equal(['client-closed', undefined, 2, 1]);
    sent[1]?.reject(new Problem('connection-refused'));
    await settled();
    expect(bulkhead.inFlight).to.equal(0);
  });

  it('who is turned away from the queue is refused, and counted', async () => {
    const { call, rejected } = rig({ queue: 1 });
    call(anExchange());
    const low = call(anExchange({ priority: 'background' }));
    call(anExchange({ priority: 'critical' }));
    await settled();
    expect([low.outcome, rejected]).to.deep.equal(['concurrency-limited', ['background']]);
  });

  it('tells the adaptive limit how long each try took to its first byte, and what was dropped', async () => {
    const { call, sent, observed, pass } = rig({ limit: 4, adaptive: true });
    for (const _ of [1, 2, 3, 4]) call(anExchange());
    await pass(10);
    sent[0]?.resolve(answering());
    await settled();
    await pass(5);
    sent[1]?.resolve(answering(503));
    await settled();
    await pass(5);
    sent[2]?.reject(new Problem('attempt-timeout'));
    // A quota of the caller's is no load.
    sent[3]?.resolve(answering(429));
    await settled();
    expect(observed).to.deep.equal([
      [10, 1, false, 10],
      [15, 2, true, 15],
      [20, 3, true, 20],
      [20, 4, false, 20],
    ]);
  });

  it('but not what its client left or did not wait for, nor a connection that failed: they say nothing of load', async () => {
    const { call, sent, observed } = rig({ limit: 4, adaptive: true });
    const codes = ['client-closed', 'caller-gone', 'connection-refused', 'connect-timeout'] as const;
    for (const _ of codes) call(anExchange());
    for (const [at, code] of codes.entries()) sent[at]?.reject(new Problem(code));
    await settled();
    expect(observed).to.deep.equal([]);
  });

  it('never has more under way than the limit, and in the end nothing, whatever happens', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.array(
          fc.record({
            what: fc.constantFrom('call', 'call', 'call', 'answer', 'fail', 'end', 'cut', 'leave', 'pass'),
            which: fc.nat(20),
            priority: fc.constantFrom('critical' as const, 'normal' as const, 'background' as const),
            endless: fc.boolean(),
            settle: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
        async (limit, queue, steps) => {
          const { bulkhead, call, sent, pass } = rig({ limit, queue });
          const exchanges: Exchange[] = [];
          const states: { outcome?: number | string }[] = [];
          const answers: UpstreamResponse[] = [];
          const answered = new Set<number>();
          const one = <T>(list: readonly T[], which: number) => (list.length === 0 ? undefined : list[which % list.length]);
          const settle = (which: number, come: (index: number) => void) => {
            const index = sent.length === 0 ? -1 : which % sent.length;
            if (index < 0 || answered.has(index)) return;
            answered.add(index);
            come(index);
          };
          for (const { what, which, priority, endless, settle: settles } of steps) {
            if (what === 'call') {
              const exchange = anExchange({ priority, deadlineAt: 1e6 });
              exchanges.push(exchange);
              states.push(call(exchange));
            } else if (what === 'answer') {
              settle(which, (index) => {
                const answer = answering(200, endless ? [...EVENTS] : []);
                answers.push(answer);
                sent[index]?.resolve(answer);
              });
            } else if (what === 'fail') settle(which, (index) => sent[index]?.reject(new Problem('connection-refused')));
            else if (what === 'end') answers.shift()?.complete([]);
            else if (what === 'cut') answers.shift()?.fail(new Problem('response-incomplete'));
            else if (what === 'leave') {
              const exchange = one(exchanges, which);
              if (exchange) cancel(exchange, new Problem('client-closed'));
            } else await pass(1);
            if (settles) await settled();
            expect(bulkhead.inFlight).to.be.within(0, limit);
          }
          for (let round = 0; round < 100 && (round === 0 || bulkhead.inFlight > 0 || bulkhead.queued > 0); round += 1) {
            await settled();
            for (const index of sent.keys()) settle(index, () => sent[index]?.reject(new Problem('connection-refused')));
            for (const answer of answers.splice(0)) answer.complete([]);
          }
          await settled();
          expect([bulkhead.inFlight, bulkhead.queued]).to.deep.equal([0, 0]);
          expect(states.every(({ outcome }) => outcome !== undefined)).to.equal(true);
        },
      ),
      { numRuns: 500 },
    ));
});
