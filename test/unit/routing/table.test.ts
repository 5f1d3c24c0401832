import { expect } from 'chai';
import fc from 'fast-check';
import type { MatchConfig } from '../../../core/config/schema/index.ts';
import { Problem } from '../../../core/problem.ts';
import { buildTable } from '../../../core/routing/table.ts';
import { aMatch, aRequest } from './a-match.ts';
import { aQuery, aRoute } from './a-route.ts';
import { expected } from './model.ts';

const tableOf = (matches: Record<string, MatchConfig>) => buildTable(Object.entries(matches).map(([name, match]) => aRoute(name, match)));

/** The name of the route taken, the methods of a 405, or null. */
const taker =
  (table: ReturnType<typeof buildTable>) =>
  (line: string, headers: Record<string, string> = {}) => {
    const match = table.match(aQuery(line, headers));
    if (match.found === 'route') return match.route.name;
    return match.found === 'nothing' ? null : match.allow.join(' ');
  };

describe('buildTable', () => {
  it('goes by the most specific path', () => {
    const take = taker(
      tableOf({
        all: { pathPrefix: '/' },
        orders: { pathPrefix: '/orders' },
        one: { path: '/orders/{id}' },
        mine: { path: '/orders/mine' },
      }),
    );
    expect(take('GET /orders/mine')).to.equal('mine');
    expect(take('GET /orders/7')).to.equal('one');
    expect(take('GET /orders/7/lines')).to.equal('orders');
    expect(take('GET /orders')).to.equal('orders');
    expect(take('GET /orders/')).to.equal('orders');
    expect(take('GET /ordersX')).to.equal('all');
    expect(take('GET /Orders/mine')).to.equal('all');
    expect(take('GET /')).to.equal('all');
  });

  it('takes a trailing slash at its word, but in a prefix', () => {
    const take = taker(tableOf({ exact: { path: '/a' }, slash: { path: '/b/' }, prefix: { pathPrefix: '/c/' } }));
    expect([take('GET /a'), take('GET /a/'), take('GET /b'), take('GET /b/')]).to.deep.equal(['exact', null, null, 'slash']);
    expect([take('GET /c'), take('GET /c/'), take('GET /c/d'), take('GET /cd')]).to.deep.equal(['prefix', 'prefix', 'prefix', null]);
  });

  it('gives the parameters as they stand in the path', () => {
    const table = tableOf({ lines: { path: '/orders/{id}/lines/{line}' }, tenant: { pathPrefix: '/t/{tenant}' } });
    expect(table.match(aQuery('GET /orders/a%20b/lines/2'))).to.deep.include({ found: 'route', params: { id: 'a%20b', line: '2' } });
    expect(table.match(aQuery('GET /t/x/orders'))).to.deep.include({ params: { tenant: 'x' } });
    expect(table.match(aQuery('GET /orders//lines/2'))).to.deep.equal({ found: 'nothing' });
  });

  it('falls through to less specific paths and hosts', () => {
    const take = taker(
      tableOf({
        name: { pathPrefix: '/a/b', hosts: ['x.test'], methods: ['POST'] },
        wildcard: { path: '/a/b', hosts: ['*.test'], headers: { v: '2' } },
        every: { pathPrefix: '/a', queryParams: { q: '1' } },
        last: { pathPrefix: '/', methods: ['GET'] },
      }),
    );
    expect(take('POST x.test/a/b')).to.equal('name');
    expect(take('GET x.test/a/b', { v: '2' })).to.equal('wildcard');
    expect(take('PUT x.test/a/b?q=1')).to.equal('every');
    expect(take('GET x.test/a/b')).to.equal('last');
    expect(take('PUT x.test/a/b')).to.equal('GET HEAD POST');
  });

  it('takes any name under a wildcard, but not the name itself', () => {
    const take = taker(tableOf({ under: { pathPrefix: '/', hosts: ['*.Shop.test'] }, name: { pathPrefix: '/', hosts: ['shop.test'] } }));
    expect(take('GET a.shop.test/')).to.equal('under');
    expect(take('GET b.a.shop.test/')).to.equal('under');
    expect(take('GET shop.test/')).to.equal('name');
    expect(take('GET myshop.test/')).to.equal(null);
    expect(take('GET shop.test.evil.test/')).to.equal(null);
  });

  it('reads the hosts of the configuration as it reads those of requests', () => {
    const take = taker(tableOf({ a: { path: '/', hosts: ['A.test.'] }, b: { path: '/', hosts: ['[0:0::1]'] } }));
    expect([take('GET a.test/'), take('GET [::1]/')]).to.deep.equal(['a', 'b']);
  });

  it('answers HEAD where GET is, and 405 only where all but the method fits', () => {
    const take = taker(
      tableOf({ get: { path: '/a', methods: ['GET'] }, beta: { path: '/a', methods: ['DELETE'], headers: { beta: '1' } } }),
    );
    expect(take('HEAD /a')).to.equal('get');
    expect(take('DELETE /a')).to.equal('GET HEAD');
    expect(take('PUT /a', { beta: '1' })).to.equal('DELETE GET HEAD');
    expect(take('PUT /b')).to.equal(null);
  });

  it('tries expressions after paths and before prefixes', () => {
    const take = taker(tableOf({ prefix: { pathPrefix: '/v1' }, version: { path: '~/v[0-9]+/status' }, exact: { path: '/v2/status' } }));
    expect([take('GET /v1/status'), take('GET /v2/status'), take('GET /v1/x')]).to.deep.equal(['version', 'exact', 'prefix']);
  });

  it('refuses a path too long for an expression, which padding would otherwise slip past', () => {
    const table = tableOf({ guarded: { path: '~/admin/.*' }, open: { pathPrefix: '/' } });
    expect(() => table.match(aQuery(`GET /admin/${'x'.repeat(9000)}`)))
      .to.throw(Problem)
      .with.property('code', 'target-too-long');
  });

  it('refuses path parameters that would choose another route', () => {
    const take = taker(tableOf({ admin: { pathPrefix: '/admin' }, open: { pathPrefix: '/' }, item: { path: '/items/{id}' } }));
    expect(take('GET /items/7;v=1')).to.equal('item');
    expect(take('GET /other;a/b;c')).to.equal('open');
    expect(take('GET /admin/x;y')).to.equal('admin');
    for (const path of ['/admin;x', '/admin;x/y', '/;x/admin', '/;/admin', '/items;/7']) {
      expect(() => take(`GET ${path}`), path)
        .to.throw(Problem)
        .with.property('code', 'ambiguous-target');
    }
  });

  it('does not take what every object or map has for an element or a host', () => {
    const take = taker(tableOf({ a: { path: '/a', hosts: ['a.test'] } }));
    for (const line of ['GET /constructor', 'GET /__proto__', 'GET constructor/a', 'GET __proto__/a']) expect(take(line)).to.equal(null);
  });

  it('names each route for telemetry', () => {
    const templates = tableOf({
      a: { path: '/a/{id}' },
      b: { pathPrefix: '/b/' },
      c: { path: '~/c.*' },
      d: { pathPrefix: '/' },
    }).routesInOrder();
    expect(templates.map(({ template }) => template)).to.deep.equal(['/a/{id}', '/c.*', '/b/*', '/*']);
  });

  it('takes what a scan of all the routes in order of precedence takes', () => {
    fc.assert(
      fc.property(fc.array(aMatch, { maxLength: 12 }), fc.array(aRequest, { minLength: 1, maxLength: 20 }), (matches, requests) => {
        const configs = matches.map((match, index) => aRoute(`r${index}`, match));
        const table = buildTable(configs);
        for (const request of requests) {
          const match = table.match(request);
          const { name, host, allow } = expected(configs, request);
          if (match.found === 'route') expect({ name: match.route.name, host: match.route.host }).to.deep.equal({ name, host });
          else expect({ name: null, allow: match.found === 'nothing' ? [] : match.allow }).to.deep.equal({ name, allow });
          const taken = table.explain(request).filter((explanation) => explanation.taken);
          expect(taken.map(({ route }) => route)).to.deep.equal(match.found === 'route' ? [match.route] : []);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
