import { expect } from 'chai';
import { isStray, readable } from '../../../core/filter/stray.ts';

describe('what a filter left behind', () => {
  const modules = { files: ['/filters/a.ts'] };
  const hostile = new Proxy(new Error('hostile'), {
    get() {
      throw new Error('no');
    },
    getPrototypeOf() {
      throw new Error('no');
    },
  });

  it('is told from a fault of the gateway, and where there are no filters there is none', () => {
    expect(isStray(new Error('made in a test'), modules)).to.equal(true);
    const ours = Object.assign(new Error('ours'), {
      stack: `Error: ours\n at ${new URL('../../../core/gateway.ts', import.meta.url).href}:1:1`,
    });
    expect([isStray(ours, modules), isStray(new Error('a'), { files: [] })]).to.deep.equal([false, false]);
  });

  for (const [what, error] of Object.entries({
    'an error that throws when it is looked at': hostile,
    'a stack that is no text': Object.assign(new Error('odd'), { stack: { includes: () => false } }),
    'an error that is frozen': Object.freeze(new Error('frozen')),
    'an error with a cause that throws': new Error('outside', { cause: hostile }),
    nothing: undefined,
    null: null,
    'a symbol': Symbol('s'),
  }))
    it(`may be ${what}, and the log can write it`, () => {
      expect(isStray(error, modules)).to.equal(true);
      const told = readable(error);
      if (typeof error === 'object' && error !== null) expect((told as Error).message).to.match(/odd|frozen|thrown: /);
      else expect(told).to.equal(error);
    });
});
