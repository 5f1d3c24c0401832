import { expect } from 'chai';
import { userOf } from '../../../public-gateway/claims.ts';

const scopes = (claims: object) => [...userOf({ sub: 'user-1', ...claims }).scopes];

describe('userOf', () => {
  it('names the subject and freezes what requests will share', () => {
    const user = userOf({ sub: 'user-1', plan: 'pro' });
    expect(user).to.deep.include({ kind: 'user', subject: 'user-1', claims: { sub: 'user-1', plan: 'pro' } });
    expect(Object.isFrozen(user)).to.equal(true);
    expect(Object.isFrozen(user.claims)).to.equal(true);
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
