import { expect } from 'chai';
import fc from 'fast-check';
import type { MatchConfig } from '../../../core/config/schema/index.ts';
import { compileRoutes } from '../../../core/routing/compile.ts';
import { byPrecedence } from '../../../core/routing/precedence.ts';
import { aMatch } from './a-match.ts';
import { aRoute } from './a-route.ts';

/** The routes' names, put in order from the last to the first and from the first to the last: both must agree. */
function order(matches: Record<string, MatchConfig>): string[] {
  const routes = compileRoutes(Object.entries(matches).map(([name, match]) => aRoute(name, match)));
  const sorted = [...routes].sort(byPrecedence).map(({ name }) => name);
  expect(
    [...routes]
      .reverse()
      .sort(byPrecedence)
      .map(({ name }) => name),
  ).to.deep.equal(sorted);
  return sorted;
}

/** Each is given last to first, so that the file's order is never what puts them right. */
const inOrder = (matches: Record<string, MatchConfig>) => {
  expect(order(Object.fromEntries(Object.entries(matches).reverse()))).to.deep.equal(Object.keys(matches));
};

describe('byPrecedence', () => {
  it('puts a named host before a wildcard, the longer wildcard first, and every host last', () => {
    inOrder({
      name: { pathPrefix: '/', hosts: ['a.test'] },
      longer: { pathPrefix: '/', hosts: ['*.b.test'] },
      shorter: { path: '/a', hosts: ['*.test'], methods: ['GET'] },
      every: { path: '/a', methods: ['GET'] },
    });
  });

  it('puts a literal path before parameters, these before an expression, and this before a prefix', () => {
    inOrder({
      literal: { path: '/a/b' },
      parameter: { path: '/a/{x}' },
      expression: { path: '~/a/.*' },
      prefix: { pathPrefix: '/a/b' },
    });
  });

  it('puts the longer prefix first, then the one with more literal elements', () => {
    inOrder({
      longest: { pathPrefix: '/{x}/{y}/{z}' },
      literal: { pathPrefix: '/a/b' },
      left: { pathPrefix: '/a/{y}' },
      right: { pathPrefix: '/{x}/b' },
      none: { pathPrefix: '/{x}/{y}' },
      one: { pathPrefix: '/a' },
      root: { pathPrefix: '/' },
    });
  });

  it('puts more literal elements first, then the earlier one', () => {
    inOrder({
      two: { path: '/{x}/b/c' },
      left: { path: '/a/{y}/{z}' },
      middle: { path: '/{x}/b/{z}' },
      right: { path: '/{x}/{y}/c' },
      none: { path: '/{x}/{y}/{z}' },
    });
  });

  it('then goes by method, header and cookie conditions, and query parameters', () => {
    inOrder({
      method: { path: '/a', methods: ['GET', 'POST'] },
      headers: { path: '/a', headers: { a: '1' }, cookies: { b: '1' } },
      header: { path: '/a', headers: { a: '1' }, queryParams: { a: '1', b: '1' } },
      parameters: { path: '/a', queryParams: { a: '1', b: '1' } },
      parameter: { path: '/a', queryParams: { a: '1' } },
      none: { path: '/a' },
    });
  });

  it('has the file decide between equals', () => {
    expect(order({ b: { path: '/{x}' }, a: { path: '/{y}' } })).to.deep.equal(['b', 'a']);
  });

  it('is an order', () => {
    fc.assert(
      fc.property(fc.tuple(aMatch, aMatch, aMatch), (matches) => {
        const routes = compileRoutes(matches.map((match, index) => aRoute(`r${index}`, match)));
        for (const a of routes) {
          for (const b of routes) {
            expect(Math.sign(byPrecedence(a, b)) + Math.sign(byPrecedence(b, a))).to.equal(0);
            for (const c of routes) if (byPrecedence(a, b) <= 0 && byPrecedence(b, c) <= 0) expect(byPrecedence(a, c)).to.be.at.most(0);
          }
        }
      }),
    );
  });
});
