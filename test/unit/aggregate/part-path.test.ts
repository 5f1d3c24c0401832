import { expect } from 'chai';
import fc from 'fast-check';
import { compilePartPath, type PathValues } from '../../../core/aggregate/part-path.ts';
import { Problem } from '../../../core/problem.ts';

const values = (more: Partial<PathValues> = {}): PathValues => ({ params: {}, claims: {}, query: '', part: () => undefined, ...more });
const made = (template: string, more: Partial<PathValues> = {}): string => {
  const { path, query } = compilePartPath(template)(values(more));
  return query === '' ? path : `${path}?${query}`;
};
const refused = (template: string, more: Partial<PathValues>): string => {
  try {
    return made(template, more);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

describe('the path of a part', () => {
  it('is made from parameters, claims, the query and other parts', () => {
    const more: Partial<PathValues> = {
      params: { id: '7' },
      claims: { sub: 'ann', plan: { name: 'pro' } },
      query: 'page=2&sort=a%26b',
      part: (name) => (name === 'user' ? '{"team": [{"id": 1234567890123456789}], "active": true}' : undefined),
    };
    expect(made('/users/{id}', more)).to.equal('/users/7');
    expect(made('/orders?user={id}&page={query.page}&sort={query.sort}', more)).to.equal('/orders?user=7&page=2&sort=a%26b');
    expect(made('/plans/{claims.plan.name}/of/{claims.sub}', more)).to.equal('/plans/pro/of/ann');
    expect(made('/teams/{parts.user.team.0.id}.json?active={parts.user.active}', more)).to.equal(
      '/teams/1234567890123456789.json?active=true',
    );
    expect(made('/search?q={query.q}', more)).to.equal('/search?q=');
  });

  it('never has more elements or more parameters than its template, whatever the values are', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '/', '.', '%', '2', 'f', 'F', '?', '&', '=', '#', '\\', ';', '+', ' ', 'é', '\ud800'),
    });
    fc.assert(
      fc.property(text, text, (claim, field) => {
        const more = {
          claims: { sub: claim },
          part: () => JSON.stringify({ id: field }),
          query: new URLSearchParams({ q: claim }).toString(),
        };
        for (const template of [
          '/a/{claims.sub}/b?x={claims.sub}&y={parts.p.id}',
          '/a/{parts.p.id}/b?x={query.q}&y=1',
          '/a/{query.q}/b?x=1&y=2',
        ]) {
          const target = refused(template, more);
          if (!target.startsWith('/')) continue;
          const url = new URL(target, 'http://service');
          expect(url.pathname.split('/')).to.have.length(4);
          expect(decodeURIComponent(url.pathname)).not.to.match(/\/\.{1,2}(\/|$)/);
          expect([...url.searchParams.keys()]).to.deep.equal(['x', 'y']);
          expect(url.hash).to.equal('');
        }
      }),
    );
  });

  it('keeps a parameter of the route one value of the query', () => {
    expect(made('/orders?user={id}', { params: { id: '1&admin=true' } })).to.equal('/orders?user=1%26admin%3Dtrue');
    expect(made('/orders?user={id}', { params: { id: '%C3%A9+b' } })).to.equal('/orders?user=%C3%A9%2Bb');
  });

  it('cannot be made without its values: the client is to blame for its own only', () => {
    expect(refused('/a/{query.id}', { query: '' })).to.equal('bad-request');
    expect(refused('/a/{query.id}', { query: 'id=..' })).to.equal('bad-request');
    expect(refused('/a/{parts.user.id}', { part: () => '{}' })).to.equal('part-unavailable');
    expect(refused('/a/{parts.user.id}', { part: () => '{"id":{"of":"an object"}}' })).to.equal('part-unavailable');
    expect(refused('/a/{parts.user.constructor}', { part: () => '{}' })).to.equal('part-unavailable');
    expect(refused('/a/{claims.sub}', { claims: { sub: 'a/b' } })).to.equal('part-unavailable');
  });
});
