import { expect } from 'chai';
import type { Principal } from '../../../core/context.ts';
import { lacks } from '../../../public-gateway/rules.ts';

const user = (claims: Record<string, unknown> = {}, ...scopes: string[]): Principal => ({
  kind: 'user',
  subject: 'user-1',
  claims,
  scopes: new Set(scopes),
});
const anonymous: Principal = { kind: 'anonymous' };

describe('rules', () => {
  it('asks nothing where nothing is asked', () => {
    expect(lacks({}, user())).to.equal(undefined);
    expect(lacks({}, anonymous)).to.equal(undefined);
  });

  it('wants every scope', () => {
    const rule = { scopes: ['a', 'b'] };
    expect(lacks(rule, user({}, 'a', 'b', 'c'))).to.equal(undefined);
    expect(lacks(rule, user({}, 'a'))).to.equal('scopes');
    expect(lacks(rule, user({}, 'A', 'b'))).to.equal('scopes');
    expect(lacks(rule, user({}, 'a b'))).to.equal('scopes');
  });

  it('wants one of the values of every claim', () => {
    const rule = { claims: { plan: ['pro', 'team'], verified: [true] } };
    expect(lacks(rule, user({ plan: 'team', verified: true }))).to.equal(undefined);
    expect(lacks(rule, user({ plan: 'free', verified: true }))).to.equal('claims');
    expect(lacks(rule, user({ plan: 'pro' }))).to.equal('claims');
    expect(lacks(rule, user({}))).to.equal('claims');
  });

  it('finds a value in a claim that is an array', () => {
    const rule = { claims: { roles: ['admin', 'editor'] } };
    expect(lacks(rule, user({ roles: ['viewer', 'editor'] }))).to.equal(undefined);
    for (const roles of [[], ['viewer'], [['admin']], { admin: true }, 'admin editor', null])
      expect(lacks(rule, user({ roles })), JSON.stringify(roles)).to.equal('claims');
  });

  it('compares values with their types', () => {
    for (const [allowed, claim] of [
      [1, '1'],
      ['1', 1],
      [true, 'true'],
      [true, 1],
      ['', null],
      ['undefined', undefined],
      ['pro', 'Pro'],
      ['pro', ' pro'],
    ] as const) {
      expect(lacks({ claims: { claim: [allowed] } }, user({ claim })), `${typeof allowed} ${allowed}`).to.equal('claims');
    }
  });

  it('reads dots as claims inside claims, after the name as it stands', () => {
    const claims = { realm_access: { roles: ['admin'] }, 'https://example.com/plan': 'pro', 'a.b': 'whole', a: { b: 'nested' } };
    expect(lacks({ claims: { 'realm_access.roles': ['admin'] } }, user(claims))).to.equal(undefined);
    expect(lacks({ claims: { 'https://example.com/plan': ['pro'] } }, user(claims))).to.equal(undefined);
    expect(lacks({ claims: { 'a.b': ['whole'] } }, user(claims))).to.equal(undefined);
    expect(lacks({ claims: { 'a.b': ['nested'] } }, user(claims))).to.equal('claims');
    expect(lacks({ claims: { 'realm_access.roles.0': ['admin'] } }, user(claims))).to.equal('claims');
    expect(lacks({ claims: { 'missing.roles': ['admin'] } }, user(claims))).to.equal('claims');
  });

  it('takes nothing from prototypes', () => {
    for (const name of ['constructor', 'constructor.name', '__proto__', 'toString.length', 'plan.length']) {
      expect(lacks({ claims: { [name]: ['Object', 0, 3] } }, user({ plan: 'pro' })), name).to.equal('claims');
    }
  });

  it('never lets the anonymous pass where a user is described', () => {
    expect(lacks({ scopes: ['a'] }, anonymous)).to.equal('scopes');
    expect(lacks({ claims: { plan: ['pro'] } }, anonymous)).to.equal('claims');
    expect(lacks({ scopes: ['a'] }, { kind: 'caller', name: 'checkout', rateLimit: undefined })).to.equal('scopes');
  });
});
