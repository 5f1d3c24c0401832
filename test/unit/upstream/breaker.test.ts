import { expect } from 'chai';
import fc from 'fast-check';
import { type Admission, Breaker, type BreakerOptions, type BreakerState } from '../../../core/upstream/breaker.ts';

/** Hystrix's numbers. */
const defaults: BreakerOptions = { requestVolume: 20, errorThreshold: 0.5, window: 10_000, sleepWindow: 5_000 };

type Outcome = 'success' | 'failure' | 'badRequest' | 'ignored';

/** So many ordinary calls that all come to the same at the same time. */
function calls(breaker: Breaker, count: number, outcome: Outcome, now: number): void {
  for (let call = 0; call < count; call += 1) breaker[outcome]('call', now);
}

/** Open since 0, so that a trial may start at 5 s. */
function opened(): Breaker {
  const breaker = new Breaker(defaults);
  calls(breaker, 20, 'failure', 0);
  return breaker;
}

/** Half-open since 5 s. */
function onTrial(): Breaker {
  const breaker = opened();
  breaker.admit(5_000);
  return breaker;
}

describe('the circuit breaker opens', () => {
  it('when half of 20 calls in ten seconds failed, whichever was the last', () => {
    for (const [first, last] of [['success', 'failure'] as const, ['failure', 'success'] as const]) {
      const breaker = new Breaker(defaults);
      calls(breaker, 10, first, 0);
      calls(breaker, 9, last, 9_999);
      expect(breaker.admit(9_999)).to.equal('call');
      breaker[last]('call', 9_999);
      expect(breaker.state).to.deep.equal({ state: 'open', until: 14_999 });
      expect(breaker.admit(9_999)).to.equal(undefined);
    }
  });

  it('not below 20 calls, though all failed', () => {
    const breaker = new Breaker(defaults);
    calls(breaker, 19, 'failure', 0);
    expect(breaker.admit(0)).to.equal('call');
  });

  it('not below half of them', () => {
    const breaker = new Breaker(defaults);
    calls(breaker, 101, 'success', 0);
    calls(breaker, 100, 'failure', 0);
    expect(breaker.admit(0)).to.equal('call');
  });

  it('not for what is longer ago than the window', () => {
    const breaker = new Breaker(defaults);
    calls(breaker, 10, 'failure', 0);
    calls(breaker, 10, 'failure', 10_000);
    expect(breaker.admit(10_000)).to.equal('call');
    expect(breaker.health(10_000)).to.deep.equal({ total: 10, errors: 10 });
  });

  it('when successes leave the window and failures are what is left', () => {
    const breaker = new Breaker(defaults);
    calls(breaker, 100, 'success', 0);
    calls(breaker, 20, 'failure', 9_000);
    expect(breaker.admit(9_999)).to.equal('call');
    expect([9_999, 10_000].map((now) => breaker.wouldAdmit(now))).to.deep.equal(['call', undefined]);
    expect(breaker.state.state).to.equal('closed');
    expect(breaker.admit(10_000)).to.equal(undefined);
  });

  it('not for cancelled calls and bad requests, which are counted nowhere', () => {
    const breaker = new Breaker(defaults);
    calls(breaker, 19, 'failure', 0);
    calls(breaker, 100, 'badRequest', 0);
    calls(breaker, 100, 'ignored', 0);
    expect(breaker.health(0)).to.deep.equal({ total: 19, errors: 19 });
    expect(breaker.admit(0)).to.equal('call');
  });

  it('at any share that a whole percent names, exactly', () => {
    for (let percent = 1; percent <= 100; percent += 1) {
      const breaker = new Breaker({ ...defaults, requestVolume: 100, errorThreshold: percent / 100 });
      calls(breaker, percent, 'failure', 0);
      calls(breaker, 100 - percent, 'success', 0);
      expect(breaker.state.state, `${percent} %`).to.equal('open');
      const below = new Breaker({ ...defaults, requestVolume: 100, errorThreshold: percent / 100 });
      calls(below, percent - 1, 'failure', 0);
      calls(below, 101 - percent, 'success', 0);
      expect(below.state.state, `${percent} %`).to.equal('closed');
    }
  });
});

describe('the open circuit breaker', () => {
  it('refuses every call for the sleep window and says how long', () => {
    const breaker = opened();
    expect([0, 1_000, 4_999].map((now) => breaker.admit(now))).to.deep.equal([undefined, undefined, undefined]);
    expect([0, 1_000, 4_999, 5_000, 9_000].map((now) => breaker.retryAfter(now))).to.deep.equal([5_000, 4_000, 1, 0, 0]);
  });

  it('then lets one call through as a trial and refuses all others until it has ended', () => {
    const breaker = opened();
    expect([5_000, 5_000, 60_000].map((now) => breaker.admit(now))).to.deep.equal(['trial', undefined, undefined]);
    expect(breaker.state).to.deep.equal({ state: 'half-open' });
    expect(breaker.retryAfter(60_000)).to.equal(5_000);
  });

  it('makes a call that is not the best of trials one only when no better has come for so long', () => {
    const breaker = opened();
    expect([5_000, 9_999].map((now) => breaker.admit(now, 5_000))).to.deep.equal([undefined, undefined]);
    expect(breaker.state).to.deep.equal({ state: 'open', until: 5_000 });
    expect(breaker.admit(10_000, 5_000)).to.equal('trial');
    const another = opened();
    another.admit(9_999, 5_000);
    expect(another.admit(9_999)).to.equal('trial');
    expect(new Breaker(defaults).admit(0, 5_000)).to.equal('call');
  });

  it('starts at most one trial each five seconds while trials fail', () => {
    const breaker = opened();
    const trials: number[] = [];
    for (let now = 0; now <= 20_000; now += 10) {
      const admitted = breaker.admit(now);
      if (!admitted) continue;
      trials.push(now);
      breaker.failure(admitted, now + 5);
    }
    expect(trials).to.deep.equal([5_000, 10_010, 15_020]);
  });

  it('counts the calls that were let through before and end later, which neither close it nor put off the trial', () => {
    const breaker = opened();
    calls(breaker, 5, 'success', 1_000);
    calls(breaker, 5, 'failure', 4_000);
    expect(breaker.health(4_000)).to.deep.equal({ total: 30, errors: 25 });
    expect(breaker.state).to.deep.equal({ state: 'open', until: 5_000 });
    expect(breaker.admit(5_000)).to.equal('trial');
    calls(breaker, 5, 'success', 5_001);
    calls(breaker, 5, 'failure', 5_001);
    calls(breaker, 5, 'badRequest', 5_001);
    calls(breaker, 5, 'ignored', 5_001);
    expect(breaker.state).to.deep.equal({ state: 'half-open' });
  });
});

describe("the circuit breaker's trial", () => {
  it('closes it by success, and the window begins anew', () => {
    const breaker = onTrial();
    breaker.success('trial', 5_100);
    expect(breaker.state).to.deep.equal({ state: 'closed' });
    expect(breaker.health(5_100)).to.deep.equal({ total: 0, errors: 0 });
    expect(breaker.retryAfter(5_100)).to.equal(0);
    calls(breaker, 19, 'failure', 5_200);
    expect([breaker.admit(5_200), breaker.admit(5_200)]).to.deep.equal(['call', 'call']);
  });

  it('closes it by a bad request too: who finds fault with a request lives', () => {
    const breaker = onTrial();
    breaker.badRequest('trial', 5_100);
    expect(breaker.state).to.deep.equal({ state: 'closed' });
  });

  it('opens it for another sleep window by failure, which counts', () => {
    const breaker = onTrial();
    breaker.failure('trial', 5_100);
    expect(breaker.state).to.deep.equal({ state: 'open', until: 10_100 });
    expect(breaker.health(5_100)).to.deep.equal({ total: 21, errors: 21 });
  });

  it('opens it for another sleep window when it is cancelled, which does not count', () => {
    const breaker = onTrial();
    breaker.ignored('trial', 5_100);
    expect(breaker.state).to.deep.equal({ state: 'open', until: 10_100 });
    expect(breaker.health(5_100)).to.deep.equal({ total: 20, errors: 20 });
    expect([breaker.admit(10_099), breaker.admit(10_100)]).to.deep.equal([undefined, 'trial']);
  });
});

describe('the forced circuit breaker', () => {
  it('refuses everything when forced open, trials too', () => {
    const breaker = new Breaker({ ...defaults, force: 'open' });
    expect([0, 5_000, 1e9].map((now) => breaker.admit(now))).to.deep.equal([undefined, undefined, undefined]);
    expect(breaker.state.state).to.equal('open');
    expect(breaker.retryAfter(0)).to.equal(5_000);
  });

  it('lets everything through when forced closed, and counts on', () => {
    const breaker = new Breaker({ ...defaults, force: 'closed' });
    calls(breaker, 100, 'failure', 0);
    expect(breaker.admit(0)).to.equal('call');
    expect(breaker.state).to.deep.equal({ state: 'closed' });
    expect(breaker.health(0)).to.deep.equal({ total: 100, errors: 100 });
  });
});

describe('a change of the circuit breaker', () => {
  it('is told of once, with the time', () => {
    const changes: string[] = [];
    const breaker = new Breaker(defaults, (from, to, now) => changes.push(`${from} -> ${to} at ${now}`));
    calls(breaker, 25, 'failure', 0);
    breaker.failure(breaker.admit(5_000) ?? 'call', 6_000);
    breaker.success(breaker.admit(11_000) ?? 'call', 11_500);
    breaker.success(breaker.admit(12_000) ?? 'call', 12_500);
    expect(changes).to.deep.equal([
      'closed -> open at 0',
      'open -> half-open at 5000',
      'half-open -> open at 6000',
      'open -> half-open at 11000',
      'half-open -> closed at 11500',
    ]);
  });
});

/** All that a breaker was ever asked and told. */
type History = ({ at: number; what: 'asked' } | { at: number; what: Outcome; admitted: Admission })[];

/** The plain model: everything worked out anew from the whole history. */
function replay(history: History, { requestVolume, errorThreshold, window, sleepWindow, force }: BreakerOptions) {
  let counted: { at: number; failed: boolean }[] = [];
  let until: number | undefined = force === 'open' ? Number.POSITIVE_INFINITY : undefined;
  let trial = false;
  let verdict: Admission | undefined;
  const health = (now: number) => {
    const from = (Math.floor(now / (window / 10)) - 9) * (window / 10);
    const recent = counted.filter(({ at }) => at >= from);
    return { total: recent.length, errors: recent.filter(({ failed }) => failed).length };
  };
  const openIfFailing = (now: number) => {
    const { total, errors } = health(now);
    if (!force && until === undefined && total >= requestVolume && errors / total >= errorThreshold) until = now + sleepWindow;
  };
  for (const event of history) {
    const { at, what } = event;
    if (what === 'asked') {
      openIfFailing(at);
      if (until === undefined) verdict = 'call';
      else verdict = !trial && at >= until ? 'trial' : undefined;
      trial ||= verdict === 'trial';
    } else if (event.admitted === 'call') {
      if (what !== 'success' && what !== 'failure') continue;
      counted.push({ at, failed: what === 'failure' });
      openIfFailing(at);
    } else {
      const lives = what === 'success' || what === 'badRequest';
      trial = false;
      until = lives ? undefined : at + sleepWindow;
      if (lives) counted = [];
      if (what === 'failure') counted.push({ at, failed: true });
    }
  }
  const state = until === undefined ? { state: 'closed' } : trial ? { state: 'half-open' } : { state: 'open', until };
  return { state, verdict, health };
}

describe('the circuit breaker, whatever comes in whatever order', () => {
  const options: fc.Arbitrary<BreakerOptions> = fc
    .record({
      requestVolume: fc.integer({ min: 1, max: 8 }),
      errorThreshold: fc.oneof(fc.constantFrom(0, 0.25, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true })),
      bucket: fc.integer({ min: 1, max: 1_000 }),
      sleepWindow: fc.integer({ min: 0, max: 5_000 }),
      force: fc.option(fc.constantFrom('open', 'closed'), { nil: undefined, freq: 10 }),
    })
    .map(({ bucket, force, ...rest }) => ({ ...rest, window: bucket * 10, ...(force ? { force } : {}) }));
  const step = fc.record({
    after: fc.oneof(fc.constant(0), fc.nat(400), fc.nat(8_000)).map((quarters) => quarters / 4),
    asks: fc.boolean(),
    which: fc.nat(),
    outcome: fc.oneof(fc.constantFrom<Outcome>('success', 'failure'), fc.constantFrom<Outcome>('badRequest', 'ignored', 'failure')),
  });

  it('admits and stands as the plain model does, with at most one trial under way', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 120, size: 'max' }), (options, steps) => {
        let heard: BreakerState['state'] = options.force ?? 'closed';
        const breaker = new Breaker(options, (from, to) => {
          expect(from).to.equal(heard);
          expect(to).to.not.equal(from);
          seen.add(`${from} -> ${to}`);
          heard = to;
        });
        const history: History = [];
        const underWay: Admission[] = [];
        let now = 0;
        for (const { after, asks, which, outcome } of steps) {
          now += after;
          if (asks) {
            history.push({ at: now, what: 'asked' });
            const admitted = breaker.admit(now);
            expect(admitted).to.equal(replay(history, options).verdict);
            if (admitted) underWay.push(admitted);
            else expect(breaker.retryAfter(now)).to.be.at.most(options.sleepWindow);
          } else {
            const [admitted] = underWay.splice(which % Math.max(1, underWay.length), 1);
            if (!admitted) continue;
            history.push({ at: now, what: outcome, admitted });
            breaker[outcome](admitted, now);
          }
          const expected = replay(history, options);
          expect(breaker.state).to.deep.equal(expected.state);
          expect(breaker.health(now)).to.deep.equal(expected.health(now));
          expect(heard).to.equal(breaker.state.state);
          const trials = underWay.filter((admitted) => admitted === 'trial').length;
          expect(trials).to.equal(breaker.state.state === 'half-open' ? 1 : 0);
        }
      }),
      { numRuns: 300 },
    );
    // Not a property: that the random histories went through every change there is.
    expect([...seen].sort()).to.deep.equal(['closed -> open', 'half-open -> closed', 'half-open -> open', 'open -> half-open']);
  });

  it('admits a trial when as much time has passed as it asked for', () => {
    fc.assert(
      fc.property(options, fc.nat(4_000), (options, wait) => {
        fc.pre(!options.force && options.errorThreshold > 0);
        const breaker = new Breaker(options);
        calls(breaker, options.requestVolume, 'failure', 0);
        const asked = Math.min(wait, options.sleepWindow);
        expect(breaker.admit(asked + breaker.retryAfter(asked))).to.equal('trial');
      }),
    );
  });
});
