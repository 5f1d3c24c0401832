import { expect } from 'chai';
import { buildTable } from '../../../core/routing/table.ts';
import { aQuery, aRoute } from './a-route.ts';

describe('explain', () => {
  const table = buildTable([
    aRoute('catalogue', { pathPrefix: '/orders', hosts: ['shop.test', '*.shop.test'] }),
    aRoute('beta', { path: '/orders/{id}', headers: { 'X-Beta': '1' } }),
    aRoute('team', { path: '/orders/{id}', cookies: { plan: 'team' } }),
    aRoute('page', { path: '/orders/{id}', queryParams: { page: '~[0-9]+' } }),
    aRoute('place', { path: '/orders', methods: ['POST'] }),
    aRoute('change', { path: '/orders/{id}', methods: ['PUT'] }),
    aRoute('orders', { pathPrefix: '/orders' }),
    aRoute('all', { pathPrefix: '/' }),
  ]);
  const reasons = (line: string, headers = {}) =>
    table.explain(aQuery(line, headers)).map(({ route, taken, reason }) => `${route.name}: ${taken ? 'taken' : reason}`);

  it('says of every route, in order of precedence, why it does not take the request', () => {
    expect(reasons('GET api.test/orders/7')).to.deep.equal([
      'catalogue: host',
      'catalogue: host',
      'place: path',
      'change: method',
      'beta: header x-beta',
      'team: cookie plan',
      'page: query page',
      'orders: taken',
      'all: precedence',
    ]);
  });

  it('takes none where none fits', () => {
    const empty = buildTable([aRoute('a', { path: '/a' })]);
    expect(empty.explain(aQuery('GET /b'))).to.have.nested.property('[0].reason', 'path');
  });

  it('names the problem of a request that is refused', () => {
    expect(reasons(`GET /orders/7?page=${'1'.repeat(9000)}`)).to.include('page: target-too-long');
  });
});
