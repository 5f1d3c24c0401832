import { expect } from 'chai';
import type { MatchConfig } from '../../../core/config/schema/index.ts';
import { Problem } from '../../../core/problem.ts';
import { compilePredicates } from '../../../core/routing/predicates.ts';
import { aQuery } from './a-route.ts';

describe('predicates', () => {
  const holds = (match: MatchConfig, target: string, headers: Record<string, string | string[]> = {}) =>
    compilePredicates(match).every((predicate) => predicate.holds(aQuery(`GET ${target}`, headers)));

  it('compare header fields by name without case, by value with', () => {
    const match = { headers: { 'X-Team': 'a' } };
    expect(holds(match, '/', { 'x-team': 'a' })).to.equal(true);
    expect(holds(match, '/', { 'x-team': 'A' })).to.equal(false);
    expect(holds(match, '/', { 'x-team': 'a, b' })).to.equal(false);
    expect(holds(match, '/')).to.equal(false);
    expect(holds({ headers: { 'set-cookie': 'b' } }, '/', { 'set-cookie': ['a', 'b'] })).to.equal(true);
  });

  it('match a regular expression with the whole value', () => {
    expect(holds({ headers: { 'user-agent': '~curl/.*' } }, '/', { 'user-agent': 'curl/8.1' })).to.equal(true);
    expect(holds({ headers: { 'user-agent': '~curl' } }, '/', { 'user-agent': 'curl/8.1' })).to.equal(false);
  });

  it('do not take what every object has for a header field', () => {
    for (const name of ['constructor', '__proto__', 'tostring'])
      expect(holds(JSON.parse(`{"headers":{"${name}":"~.*"}}`), '/'), name).to.equal(false);
  });

  const parameter = { queryParams: { tag: 'a b' } };
  for (const query of ['tag=a%20b', 'tag=a+b', 'x=1&tag=a+b', 'tag=c&tag=a+b', '%74ag=a+b', 'tag=a+b&', '&&tag=a+b']) {
    it(`find tag in ?${query}`, () => expect(holds(parameter, `/?${query}`)).to.equal(true));
  }
  for (const query of ['', 'tag', 'tag=', 'tag=a', 'tagg=a+b', 'x=tag=a+b', '?tag=a+b', 'tag=a%2520b', 'tag=a+b;x', 'tag=a%2']) {
    it(`do not find tag in ?${query}`, () => expect(holds(parameter, `/?${query}`)).to.equal(false));
  }

  it('take a parameter without a value for an empty one', () => {
    expect(holds({ queryParams: { debug: '' } }, '/?debug')).to.equal(true);
    expect(holds({ queryParams: { debug: '' } }, '/?debug=')).to.equal(true);
    expect(holds({ queryParams: { '': '' } }, '/?a&&b')).to.equal(false);
  });

  it('find a cookie among others', () => {
    const match = { cookies: { plan: '~pro|team' } };
    expect(holds(match, '/', { cookie: 'a=b; plan=team' })).to.equal(true);
    expect(holds(match, '/', { cookie: 'plan=free;plan=pro' })).to.equal(true);
    expect(holds(match, '/', { cookie: 'xplan=pro; plan' })).to.equal(false);
    expect(holds(match, '/', { cookie: 'x="plan=pro"' })).to.equal(false);
    expect(holds({ cookies: { a: 'b=c' } }, '/', { cookie: 'a=b=c' })).to.equal(true);
  });

  it('of a preflight hold for the fields it announces, those it cannot, and cookies', () => {
    const preflight = (match: MatchConfig, ...announced: string[]) =>
      compilePredicates(match).every((predicate) =>
        predicate.holds({ ...aQuery('GET /?c=3', { origin: 'https://a' }), announced: new Set(announced) }),
      );
    const match = { headers: { 'X-Team': '~a|b' }, cookies: { plan: 'pro' } };
    expect(preflight(match, 'x-other', 'x-team')).to.equal(true);
    expect(preflight(match, 'x-other')).to.equal(false);
    expect(preflight({ headers: { Accept: 'text/csv' }, cookies: { a: 'b' } })).to.equal(true);
    expect(preflight({ headers: { origin: 'https://a' } })).to.equal(true);
    expect(preflight({ headers: { origin: 'https://b' } })).to.equal(false);
    expect(preflight({ queryParams: { c: '4' } })).to.equal(false);
  });

  it('must all hold', () => {
    const match = { headers: { a: '1' }, cookies: { b: '2' }, queryParams: { c: '3' } };
    expect(holds(match, '/?c=3', { a: '1', cookie: 'b=2' })).to.equal(true);
    for (const [target, headers] of [
      ['/?c=4', { a: '1', cookie: 'b=2' }],
      ['/?c=3', { a: '1' }],
      ['/?c=3', { cookie: 'b=2' }],
    ] as const) {
      expect(holds(match, target, headers)).to.equal(false);
    }
  });

  it('refuse to match an expression with what is too long', () => {
    expect(() => holds({ headers: { a: '~.*' } }, '/', { a: 'x'.repeat(9000) }))
      .to.throw(Problem)
      .with.property('code', 'headers-too-large');
    expect(() => holds({ queryParams: { a: '~.*' } }, `/?a=${'x'.repeat(9000)}`))
      .to.throw(Problem)
      .with.property('code', 'target-too-long');
    expect(holds({ headers: { a: 'b' } }, '/', { a: 'x'.repeat(9000) })).to.equal(false);
  });
});
