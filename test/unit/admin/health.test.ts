import { expect } from 'chai';
import { ask, settle, verbose } from '../../../core/admin/health.ts';

describe('health', () => {
  const states = {
    starting: { started: false, draining: false, settled: false },
    serving: { started: true, draining: false, settled: false },
    draining: { started: true, draining: true, settled: false },
  };
  const answers = (state: keyof typeof states) =>
    (['livez', 'startupz', 'readyz'] as const).map((question) => ask(question, states[state]).ok);

  it('lives from the first moment, has started once it listens, is ready until it drains', () => {
    expect(answers('starting')).to.deep.equal([true, false, false]);
    expect(answers('serving')).to.deep.equal([true, true, true]);
    expect(answers('draining')).to.deep.equal([true, true, false]);
  });

  it('says what an answer rests on, as Kubernetes does', () => {
    const { ok, checks } = ask('readyz', states.draining);
    expect(verbose(checks, ok)).to.equal('[+]listening ok\n[-]not-draining failed\nfailed\n');
  });

  it('is ready when the registry that it runs says who is there', () => {
    for (const [registryReady, line] of [
      [false, '[-]registry-synced failed'],
      [true, '[+]registry-synced ok'],
    ] as const) {
      const { ok, checks } = ask('readyz', { ...states.serving, registryReady });
      expect([ok, verbose(checks, ok).split('\n').at(2)]).to.deep.equal([registryReady, line]);
      expect(ask('livez', { ...states.serving, registryReady }).ok).to.equal(true);
    }
  });

  it('is ready when every source of endpoints has answered or failed', () => {
    const of = (more: object) => ask('readyz', states.serving, new Map([['stock', { ...silent, ...more }]]));
    const silent = { answered: false, failure: undefined, failingFor: 0, endpoints: 0 };
    const line = (more: object) => verbose(of(more).checks, of(more).ok).split('\n').at(2);
    expect(of({}).ok).to.equal(false);
    expect(line({})).to.equal('[-]endpoints-of-stock failed (no answer yet)');
    expect(of({ answered: true, endpoints: 3 }).ok).to.equal(true);
    expect(line({ answered: true, endpoints: 3 })).to.equal('[+]endpoints-of-stock ok (3)');
    expect(of({ failure: 'ETIMEOUT' }).ok).to.equal(true);
    expect(line({ failure: 'ETIMEOUT', failingFor: 2 })).to.equal('[+]endpoints-of-stock ok (stale for 2 s, none is known: ETIMEOUT)');
  });

  it('stays ready, once it was, whatever a later configuration has it look for, and until it drains', () => {
    const silent = new Map([['stock', { answered: false, failure: undefined, failingFor: 0, endpoints: 0 }]]);
    const health = { ...states.serving };
    settle(health, silent);
    expect(ask('readyz', health, silent).ok).to.equal(false);
    settle(health, new Map());
    const { ok, checks } = ask('readyz', health, silent);
    expect([ok, verbose(checks, ok).split('\n').at(2)]).to.deep.equal([true, '[+]endpoints-of-stock ok (no answer yet)']);
    expect(ask('readyz', { ...health, draining: true }, silent).ok).to.equal(false);
  });

  it('says of what time the endpoints are that an earlier run knew, and is not ready for them', () => {
    const known = { answered: false, failure: undefined, failingFor: 0, endpoints: 2, asOf: 1_800_000_000_000 };
    const line = (more: object) => {
      const { ok, checks } = ask('readyz', states.serving, new Map([['stock', { ...known, ...more }]]));
      return verbose(checks, ok).split('\n').at(2);
    };
    const kept = 'the last known 2 of 2027-01-15T08:00:00.000Z are kept';
    expect(line({})).to.equal(`[-]endpoints-of-stock failed (no answer yet, ${kept})`);
    expect(line({ failure: 'refused', failingFor: 3 })).to.equal(`[+]endpoints-of-stock ok (stale for 3 s, ${kept}: refused)`);
    expect(line({ answered: true })).to.equal('[+]endpoints-of-stock ok (2, last known of 2027-01-15T08:00:00.000Z some of them)');
  });
});
