import { expect } from 'chai';
import type { Context } from '../../../core/context.ts';
import type { Bound } from '../../../core/filter/chain.ts';
import { debugFor } from '../../../core/filter/debug.ts';
import { testClock } from '../../support/clock.ts';

describe('who may ask which filters ran', () => {
  const asking = (address: string, field: string | undefined = '1') =>
    ({
      req: { headers: { 'x-postern-debug': field } },
      state: { client: { address }, answer: [], route: { name: 'orders' } },
    }) as unknown as Context;
  const bound = (name: string): Bound => ({ name, stage: 'pre', order: 0, foreign: false, run() {} });

  it('is who comes from a range that is named, and asks', () => {
    const debug = debugFor(['10.0.0.0/8', '::1'], testClock());
    expect(debug(asking('10.1.2.3'))).not.to.equal(undefined);
    expect(debug(asking('::1'))).not.to.equal(undefined);
    for (const [address, field] of [['11.0.0.1'], ['10.1.2.3', '0'], ['10.1.2.3', 'true']] as const)
      expect(debug(asking(address, field))).to.equal(undefined);
    expect(debugFor([], testClock())(asking('10.1.2.3'))).to.equal(undefined);
  });

  it('learns each run with its time, in a field of structured values', () => {
    const clock = testClock();
    const ctx = asking('10.1.2.3');
    const debug = debugFor(['10.0.0.0/8'], clock)(ctx);
    debug?.ran(bound('audit'), 1.23456, false);
    debug?.ran(bound('say "größe"\\\r\n→'), 0, true);
    clock.advance(7.5);
    debug?.tell(ctx);
    expect(ctx.state.answer).to.deep.equal([
      'X-Postern-Debug',
      '"orders";total=7.500, "audit";stage=pre;dur=1.235, "say \\"gr??e\\"\\\\???";stage=pre;dur=0.000;failed',
    ]);
  });
});
