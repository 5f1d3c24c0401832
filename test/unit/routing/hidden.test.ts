import { expect } from 'chai';
import fc from 'fast-check';
import type { MatchConfig } from '../../../core/config/schema/index.ts';
import { hiddenBy } from '../../../core/routing/hidden.ts';
import { buildTable } from '../../../core/routing/table.ts';
import { aMatch, aRequest } from './a-match.ts';
import { aRoute } from './a-route.ts';

const pairs = (...matches: MatchConfig[]) =>
  hiddenBy(
    matches.map((match, index) => aRoute(`r${index}`, match)),
    'public',
  ).map(({ hidden, by }) => `${hidden.name} by ${by.name}`);

describe('hiddenBy', () => {
  const found: [string, ...MatchConfig[]][] = [
    ['the same path', { path: '/a' }, { path: '/a' }],
    ['a parameter by another name', { path: '/a/{x}' }, { path: '/a/{y}' }],
    ['another spelling', { path: '/caf%c3%a9' }, { path: '/café' }],
    ['a prefix with a trailing slash', { pathPrefix: '/a' }, { pathPrefix: '/a/' }],
    ['fewer methods', { path: '/a', methods: ['GET', 'PUT'] }, { path: '/a', methods: ['HEAD'] }],
    ['the same conditions', { path: '/a', headers: { X: '1' } }, { path: '/a', headers: { x: '1' } }],
    ['fewer hosts', { path: '/a', hosts: ['a.test', '*.a.test'] }, { path: '/a', hosts: ['A.test'] }],
    ['a prefix behind an expression for everything', { path: '~/.*' }, { pathPrefix: '/a' }],
    ['an expression behind one for everything', { path: '~.*' }, { path: '~/a' }],
    ['the same expression', { path: '~/a.*' }, { path: '~/a.*' }],
  ];
  for (const [what, ...matches] of found) it(`finds ${what}`, () => expect(pairs(...matches)).to.deep.equal(['r1 by r0']));

  const reachable: [string, ...MatchConfig[]][] = [
    ['the more specific path', { pathPrefix: '/' }, { path: '/a' }],
    ['one more method', { path: '/a', methods: ['GET'] }, { path: '/a', methods: ['GET', 'POST'] }],
    ['every method', { path: '/a', methods: ['GET'] }, { path: '/a' }],
    ['named methods behind every method', { path: '/a' }, { path: '/a', methods: ['GET'] }],
    ['one more condition', { path: '/a', headers: { x: '1' } }, { path: '/a', headers: { x: '1', y: '1' } }],
    ['another condition', { path: '/a', headers: { x: '1' } }, { path: '/a', headers: { x: '2' } }],
    ['a condition of another kind', { path: '/a', queryParams: { x: '1' } }, { path: '/a', headers: { x: '1' } }],
    ['one more host', { path: '/a', hosts: ['a.test'] }, { path: '/a', hosts: ['a.test', 'b.test'] }],
    ['a path before an expression for everything', { path: '~.*' }, { path: '/a' }],
  ];
  for (const [what, ...matches] of reachable) it(`leaves ${what}`, () => expect(pairs(...matches)).to.deep.equal([]));

  it('looks at one gateway', () => {
    const routes = [aRoute('a', { path: '/a' }, { expose: { private: { callers: ['x'] } } }), aRoute('b', { path: '/a' })];
    expect(hiddenBy(routes, 'public')).to.deep.equal([]);
    expect(hiddenBy(routes, 'private')).to.deep.equal([]);
  });

  it('names the first of several', () => {
    expect(pairs({ path: '/a' }, { path: '/a' }, { path: '/a' })).to.deep.equal(['r1 by r0', 'r2 by r0']);
  });

  it('is never wrong', () => {
    fc.assert(
      fc.property(
        fc.array(aMatch, { minLength: 2, maxLength: 10 }),
        fc.array(aRequest, { minLength: 1, maxLength: 40 }),
        (matches, requests) => {
          const configs = matches.map((match, index) => aRoute(`r${index}`, match));
          const hidden = new Set(hiddenBy(configs, 'public').map((pair) => pair.hidden.name));
          if (hidden.size === 0) return;
          const table = buildTable(configs);
          for (const request of requests) {
            const match = table.match(request);
            if (match.found === 'route') expect(hidden.has(match.route.name)).to.equal(false);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
