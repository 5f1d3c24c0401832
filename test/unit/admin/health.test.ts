import { expect } from 'chai';
import { ask, verbose } from '../../../core/admin/health.ts';

describe('health', () => {
  const states = {
    starting: { started: false, draining: false },
    serving: { started: true, draining: false },
    draining: { started: true, draining: true },
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
});
