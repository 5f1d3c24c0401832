import { expect } from 'chai';
import { Problem } from '../../../core/problem.ts';
import { checkTimes, userOf } from '../../../public-gateway/claims.ts';

const scopes = (claims: object) => [...userOf({ sub: 'user-1', ...claims }).scopes];

describe('userOf', () => {
  it('names the subject and freezes what requests will share', () => {
    const claims = { sub: 'user-1', plan: 'pro', realm: { roles: ['reader'] } };
    const user = userOf(claims);
    expect(user).to.deep.include({ kind: 'user', subject: 'user-1', claims });
    expect(Object.isFrozen(user)).to.equal(true);
    expect([user.claims, claims.realm, claims.realm.roles].map(Object.isFrozen)).to.deep.equal([true, true, true]);
  });

  it('reads scopes from scope, separated by spaces', () => {
    expect(scopes({ scope: 'orders:read orders:write' })).to.deep.equal(['orders:read', 'orders:write']);
    expect(scopes({ scope: '  a   b ' })).to.deep.equal(['a', 'b']);
    expect(scopes({ scope: '' })).to.deep.equal([]);
    expect(scopes({ scope: 'a\tb,c' })).to.deep.equal(['a\tb,c']);
  });

  it('reads them from scp, a text or an array, when there is no scope', () => {
    expect(scopes({ scp: 'a b' })).to.deep.equal(['a', 'b']);
    expect(scopes({ scp: ['a', 'b'] })).to.deep.equal(['a', 'b']);
    expect(scopes({ scope: 'a', scp: ['b'] })).to.deep.equal(['a']);
  });

  it('takes no scope from a claim of another kind', () => {
    for (const scope of [undefined, 1, true, { a: true }, [1, null, ['a']]]) expect(scopes({ scope })).to.deep.equal([]);
  });
});

describe('checkTimes', () => {
  const exp = 2_000_000_000;
  const at =
    (epoch: number, claims: object = {}) =>
    () =>
      checkTimes({ exp, ...claims }, epoch, 5_000);

  it('says when the token ends, tolerance included', () => {
    expect(at(0)()).to.equal(2_000_000_005_000);
  });

  it('refuses the token from that moment on', () => {
    expect(at(2_000_000_004_999)).to.not.throw();
    expect(at(2_000_000_005_000)).to.throw(Problem).with.property('code', 'invalid-token');
  });

  it('waits for nbf and iat, less the tolerance', () => {
    for (const name of ['nbf', 'iat']) {
      expect(at(1_000_000, { [name]: 1_005 })).to.not.throw();
      expect(at(999_999, { [name]: 1_005 })).to.throw(Problem);
    }
  });
});
