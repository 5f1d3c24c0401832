import { expect } from 'chai';
import type { Principal } from '../../../core/context.ts';
import { Problem } from '../../../core/problem.ts';
import { acl } from '../../../private-gateway/acl.ts';
import { aContext } from '../middleware/a-context.ts';

describe('acl', () => {
  /** Whether it lets pass. */
  const passes = (principal: Principal | undefined, expose: object | undefined): boolean => {
    const route = expose && { name: 'orders', config: { expose } };
    let passed = false;
    try {
      acl()(aContext({ state: { principal, route } }), async () => {
        passed = true;
      });
    } catch (error) {
      expect(error).to.be.instanceOf(Problem).and.have.property('code', 'forbidden');
    }
    return passed;
  };
  const caller = (name: string): Principal => ({ kind: 'caller', name, rateLimit: undefined });

  it('lets pass whom the route names', () => {
    expect(passes(caller('shop'), { private: { callers: ['search', 'shop'] } })).to.equal(true);
  });

  it('and nobody else: names are compared whole, and nothing stands for all', () => {
    for (const callers of [['search'], [], ['*'], ['Shop'], ['shop '], ['sho']])
      expect(passes(caller('shop'), { private: { callers } }), String(callers)).to.equal(false);
  });

  it('nobody where nobody is named, or no route is', () => {
    expect(passes(caller('shop'), {})).to.equal(false);
    expect(passes(caller('shop'), { public: { access: 'anonymous' } })).to.equal(false);
    expect(passes(caller('shop'), undefined)).to.equal(false);
  });

  it('no user and no anonymous client, whatever they are called', () => {
    const expose = { private: { callers: ['shop'] } };
    expect(passes({ kind: 'anonymous' }, expose)).to.equal(false);
    expect(passes({ kind: 'user', subject: 'shop', claims: {}, scopes: new Set() }, expose)).to.equal(false);
  });
});
