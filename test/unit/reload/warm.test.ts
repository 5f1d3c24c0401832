import { expect } from 'chai';
import { warm } from '../../../core/reload/warm.ts';
import type { Discovery } from '../../../core/telemetry/levels.ts';

describe('services that are new', () => {
  const discovery = (known: Partial<Discovery>): Discovery => ({
    answered: false,
    failure: undefined,
    failingFor: 0,
    endpoints: 0,
    ...known,
  });
  const never = new AbortController().signal;

  it('are waited for until each is known, or known not to be', async () => {
    let asked = 0;
    const late = () => {
      asked += 1;
      return discovery({ answered: asked > 2 });
    };
    const all = [
      { discovery: () => undefined },
      { discovery: () => discovery({ failure: 'no answer' }) },
      { discovery: () => discovery({ asOf: 1 }) },
      { discovery: late },
    ];
    await warm(all, never);
    expect(asked).to.equal(3);
  });

  it('are waited for no longer when the gateway is to end', async () => {
    const ending = new AbortController();
    let asked = 0;
    const silent = () => {
      asked += 1;
      if (asked === 2) ending.abort();
      return discovery({});
    };
    await warm([{ discovery: silent }], ending.signal);
    expect(asked).to.equal(2);
  });
});
