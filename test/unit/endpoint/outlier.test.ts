import { expect } from 'chai';
import fc from 'fast-check';
import { Outlier, OutlierDetector, type OutlierOptions } from '../../../core/endpoint/outlier.ts';

const defaults: OutlierOptions = { consecutiveErrors: 5, interval: 10_000, baseEjection: 30_000, maxEjected: 0.1, panicThreshold: 0.5 };

function watched(count: number, options: Partial<OutlierOptions> = {}) {
  const log: string[] = [];
  const standing = (id: number) => ({
    id,
    outlier: new Outlier(0),
    healthy: true,
    draining: false,
    get available() {
      return this.healthy && !this.outlier.ejected && !this.draining;
    },
  });
  const endpoints = Array.from({ length: count }, (_, id) => standing(id));
  const [first = standing(-1)] = endpoints;
  const detector = new OutlierDetector<(typeof endpoints)[number]>(
    { ...defaults, ...options },
    {
      onEjected: ({ id }, duration, reason) => log.push(`${id} ejected for ${duration}: ${reason}`),
      onReturned: ({ id }) => log.push(`${id} returned`),
      onPanic: (panics, available) => log.push(`${panics ? 'panic' : 'no panic'}: ${available} available`),
    },
  );
  detector.watch(endpoints, 0);
  const fail = (endpoint: (typeof endpoints)[number], now: number, times = 5) => {
    for (let n = 0; n < times; n++) detector.failure(endpoint, now);
  };
  return { log, endpoints, first, detector, fail };
}

describe('OutlierDetector', () => {
  it('ejects after enough failures in a row', () => {
    const { first, detector, fail, log } = watched(2);
    fail(first, 0, 4);
    detector.success(first, 0);
    fail(first, 0, 4);
    expect(first.outlier.ejected).to.equal(false);
    fail(first, 0, 1);
    expect(first.outlier.ejected).to.equal(true);
    expect(log).to.deep.equal(['0 ejected for 30000: consecutive-errors']);
  });

  it('leaves alone who drains: in panic, when it is due, and when nobody else is left', () => {
    const { endpoints, first, detector, fail, log } = watched(3, { maxEjected: 1 });
    const [, second, third] = endpoints;
    if (!second || !third) throw new Error('no endpoints');
    fail(first, 0);
    first.draining = true;
    expect(detector.offered(endpoints)).to.deep.equal([second, third]);
    expect(detector.due(1_000_000)).to.equal(undefined);
    // Of two that are left, none is good.
    second.healthy = false;
    third.healthy = false;
    expect(detector.offered(endpoints)).to.deep.equal([second, third]);
    expect(log.at(-1)).to.equal('panic: 0 available');
    second.draining = true;
    third.draining = true;
    expect(detector.offered(endpoints)).to.deep.equal([]);
    first.draining = false;
    expect(detector.due(1_000_000)).to.equal(first);
  });

  it('never ejects a sole endpoint, and brings back the last that is left', () => {
    const sole = watched(1);
    sole.fail(sole.first, 0, 50);
    expect(sole.first.outlier.ejected).to.equal(false);
    const { first, detector, fail, log } = watched(2);
    fail(first, 0);
    detector.watch([first], 7);
    expect(log.at(-1)).to.equal('0 returned');
    expect(first.outlier.availableSince).to.equal(7);
  });

  it('lets one probe through when the time is up; what else was under way decides nothing', () => {
    const { first, detector, fail } = watched(2);
    fail(first, 0);
    expect(detector.due(29_999)).to.equal(undefined);
    expect(detector.due(30_000)).to.equal(first);
    detector.probe(first);
    expect(detector.due(30_000)).to.equal(undefined);
    detector.success(first, 30_000);
    fail(first, 30_000);
    expect(first.outlier.state.is).to.equal('probing');
    detector.release(first);
    expect(detector.due(30_000)).to.equal(first);
    detector.probe(first);
    detector.success(first, 30_001, true);
    expect(first.outlier.ejected).to.equal(false);
    expect(first.outlier.availableSince).to.equal(30_001);
  });

  it('forgets no ejection of one that discovery loses for a while, even in the middle of its probe', () => {
    for (const outcome of ['success', 'failure'] as const) {
      const { first, endpoints, detector, fail } = watched(3);
      fail(first, 0);
      detector.probe(first);
      detector.watch(endpoints.slice(1), 0);
      expect(detector.ejected).to.equal(0);
      detector[outcome](first, 30_000, true);
      detector.watch(endpoints, 30_000);
      expect(detector.due(30_000)).to.equal(outcome === 'success' ? undefined : first);
      expect(first.outlier.ejected).to.equal(outcome === 'failure');
    }
  });

  it('ejects for longer each time a probe fails, up to five minutes', () => {
    const { first, detector, fail, log } = watched(2);
    fail(first, 0);
    for (let n = 0; n < 11; n++) {
      detector.probe(first);
      detector.failure(first, 0, true);
    }
    expect(log.slice(1, 3)).to.deep.equal(['0 ejected for 60000: failed-probe', '0 ejected for 90000: failed-probe']);
    expect(log.at(-1)).to.equal('0 ejected for 300000: failed-probe');
  });

  it('forgets an ejection for each interval it was available', () => {
    const { first, detector, fail, log } = watched(2);
    fail(first, 0);
    detector.probe(first);
    detector.failure(first, 0, true);
    detector.probe(first);
    detector.success(first, 0, true);
    fail(first, 10_000);
    expect(log.at(-1)).to.equal('0 ejected for 60000: consecutive-errors');
  });

  it('sends no probe where the health check sees no life', () => {
    const { first, detector, fail } = watched(2);
    fail(first, 0);
    first.healthy = false;
    expect(detector.due(30_000)).to.equal(undefined);
  });

  it('offers the same array when all are available, the available ones otherwise, and all in panic', () => {
    const { endpoints, detector, fail, first, log } = watched(4);
    expect(detector.offered(endpoints)).to.equal(endpoints);
    fail(first, 0);
    expect(detector.offered(endpoints)).to.deep.equal(endpoints.slice(1));
    for (const endpoint of endpoints.slice(2)) endpoint.healthy = false;
    expect(detector.offered(endpoints)).to.equal(endpoints);
    expect(detector.offered(endpoints)).to.equal(endpoints);
    for (const endpoint of endpoints) endpoint.healthy = true;
    detector.offered(endpoints);
    expect(log.slice(1)).to.deep.equal(['panic: 1 available', 'no panic: 3 available']);
  });

  it('does as a plain model does', () => {
    const event = fc.record({
      who: fc.nat(11),
      what: fc.constantFrom('success', 'failure', 'failure', 'failure', 'due'),
      wait: fc.nat(4_000),
    });
    const probed = fc.constantFrom('success', 'failure', 'release');
    const history = fc.array(fc.tuple(event, probed), { maxLength: 300, size: 'max' });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.constantFrom(0, 0.1, 0.29, 0.5, 1), history, (count, maxEjected, events) => {
        const { endpoints, detector } = watched(count, { consecutiveErrors: 2, maxEjected });
        const model = endpoints.map(() => ({ row: 0, times: 0, until: -1, since: 0 }));
        let now = 0;
        for (const [{ who, what, wait }, outcome] of events) {
          now += wait;
          const endpoint = endpoints[who % count];
          const one = model[who % count];
          if (!endpoint || !one) throw new Error('no such endpoint');
          if (what === 'due') {
            const due = detector.due(now);
            expect(due !== undefined).to.equal(model.some(({ until }) => until !== -1 && until <= now));
            const its = due && model[due.id];
            if (!due || !its) continue;
            expect(its.until).to.be.within(0, now);
            detector.probe(due);
            if (outcome === 'release') detector.release(due);
            else detector[outcome as 'success'](due, now, true);
            if (outcome === 'success') Object.assign(its, { until: -1, since: now });
            if (outcome === 'failure')
              Object.assign(its, { times: its.times + 1, until: now + Math.min(300_000, 30_000 * (its.times + 1)) });
          } else {
            detector[what as 'success'](endpoint, now);
            if (one.until !== -1) continue;
            one.row = what === 'success' ? 0 : one.row + 1;
            const ejected = model.filter(({ until }) => until !== -1).length;
            const room = count > 1 && maxEjected > 0 && (ejected === 0 || (ejected + 1) / count <= maxEjected);
            if (one.row < 2 || !room) continue;
            one.times = Math.max(0, one.times - Math.floor((now - one.since) / 10_000)) + 1;
            Object.assign(one, { row: 0, until: now + Math.min(300_000, 30_000 * one.times) });
          }
          expect(endpoints.map(({ outlier }) => outlier.ejected)).to.deep.equal(model.map(({ until }) => until !== -1));
          expect(detector.ejected).to.equal(model.filter(({ until }) => until !== -1).length);
          const left = count - detector.ejected;
          expect(detector.offered(endpoints).length).to.equal(left < count / 2 ? count : left);
        }
      }),
    );
  });
});
