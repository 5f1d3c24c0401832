import { expect } from 'chai';
import type { RouteConfig } from '../../../core/config/schema/index.ts';
import { buildTable } from '../../../core/routing/table.ts';
import type { Service } from '../../../core/upstream/service.ts';
import { admitsPart } from '../../../private-gateway/admits-part.ts';
import { aContext } from '../middleware/a-context.ts';
import { aRoute } from '../routing/a-route.ts';

type Given = Omit<Partial<RouteConfig>, 'match'> & { match: RouteConfig['match']; callers: string[] };

describe('admitsPart', () => {
  const routes = (given: Record<string, Given>) =>
    admitsPart(
      buildTable(
        Object.entries(given).map(([name, { match, callers, ...more }]) =>
          aRoute(name, match, { expose: { private: { callers } as never }, ...more }),
        ),
      ),
    );
  /** Whether shop may have a part: `/users/7?x=1`. */
  const asks =
    (admits: ReturnType<typeof routes>, { host = 'api.test', headers = {}, kind = 'caller', service = 'orders' } = {}) =>
    (target: string) => {
      const [path = '', query = ''] = target.split('?');
      const ctx = aContext({ headers, state: { host, principal: { kind, name: 'shop', claims: {} } } });
      return admits(ctx, { name: service } as Service, { path, query });
    };

  it('lets through what a route gives the caller, and not what a closer one keeps from it', () => {
    const admits = asks(
      routes({
        all: { match: { pathPrefix: '/orders' }, callers: ['shop', 'ops'] },
        exact: { match: { path: '/orders/admin' }, callers: ['ops'] },
        prefix: { match: { pathPrefix: '/orders/internal' }, callers: ['ops'] },
        condition: { match: { pathPrefix: '/orders', queryParams: { full: 'yes' } }, callers: ['ops'] },
        posts: { match: { path: '/posts', methods: ['POST'] }, callers: ['shop'] },
      }),
    );
    for (const path of ['/orders', '/orders/', '/orders/7', '/orders/7/lines', '/orders/administrator', '/orders/7?full=no'])
      expect(admits(path), path).to.equal(true);
    for (const path of ['/orders/admin', '/orders/internal', '/orders/internal/7', '/orders/7?full=yes', '/posts', '/', '/other'])
      expect(admits(path), path).to.equal(false);
  });

  it('is by the service: a route to another gives nothing of this one', () => {
    const admits = routes({
      orders: { match: { pathPrefix: '/orders' }, callers: ['shop'] },
      users: { match: { pathPrefix: '/users' }, service: 'users', callers: ['shop'] },
    });
    expect(asks(admits)('/users/7')).to.equal(false);
    expect(asks(admits, { service: 'users' })('/users/7')).to.equal(true);
    expect(asks(admits, { service: 'users' })('/orders/7')).to.equal(false);
  });

  it('knows by which path a stripped prefix is asked for', () => {
    const admits = asks(
      routes({
        api: { match: { pathPrefix: '/api' }, rewrite: { stripPrefix: '/api' }, callers: ['shop'] },
        kept: { match: { pathPrefix: '/api/admin' }, rewrite: { stripPrefix: '/api' }, callers: ['ops'] },
      }),
    );
    expect([admits('/orders/7'), admits('/'), admits('/admin'), admits('/admin/7')]).to.deep.equal([true, true, false, false]);
    // Which would be asked for as /api/api/orders.
    expect(admits('/api/orders')).to.equal(true);
    expect(admits('/api/admin')).to.equal(true);
  });

  it('knows by which path a prefix put before it is asked for', () => {
    const admits = asks(
      routes({
        all: { match: { pathPrefix: '/shop' }, rewrite: { stripPrefix: '/shop/', prefixPath: '/v2/' }, callers: ['shop'] },
        kept: { match: { pathPrefix: '/shop/admin' }, rewrite: { stripPrefix: '/shop', prefixPath: '/v2' }, callers: ['ops'] },
      }),
    );
    for (const path of ['/v2', '/v2/orders']) expect(admits(path), path).to.equal(true);
    for (const path of ['/', '/shop', '/v1', '/v22', '/orders', '/shop/orders', '/v2/admin']) expect(admits(path), path).to.equal(false);
  });

  it('knows prefixes with a slash at their end', () => {
    const strips = asks(routes({ all: { match: { pathPrefix: '/shop' }, rewrite: { stripPrefix: '/shop/' }, callers: ['shop'] } }));
    expect([strips('/orders'), strips('/')]).to.deep.equal([true, true]);
    const puts = asks(routes({ all: { match: { pathPrefix: '/orders' }, rewrite: { prefixPath: '/v2/' }, callers: ['shop'] } }));
    expect([puts('/v2/orders'), puts('/v2//orders'), puts('/v2orders')]).to.deep.equal([true, false, false]);
  });

  it('takes a rewritten path for none of its own', () => {
    const admits = asks(
      routes({
        moved: { match: { pathPrefix: '/orders' }, rewrite: { prefixPath: '/v2' }, callers: ['shop'] },
        whole: { match: { pathPrefix: '/latest/{id}' }, rewrite: { path: '/releases/{id}' }, callers: ['shop'] },
      }),
    );
    expect([admits('/orders/7'), admits('/v2/orders/7'), admits('/releases/7'), admits('/latest/7')]).to.deep.equal([
      false,
      true,
      false,
      false,
    ]);
  });

  it('is for every service of a split', () => {
    const split = [
      { service: 'orders', weight: 9 },
      { service: 'next', weight: 1 },
    ];
    const { service: _, ...rest } = aRoute(
      'all',
      { pathPrefix: '/orders' },
      { split, expose: { private: { callers: ['shop'] } as never } },
    );
    const admits = admitsPart(buildTable([rest]));
    for (const service of ['orders', 'next']) expect(asks(admits, { service })('/orders/7')).to.equal(true);
    expect(asks(admits, { service: 'users' })('/orders/7')).to.equal(false);
  });

  it('is by the host and the fields of who asks, as the table is', () => {
    const admits = routes({
      all: { match: { pathPrefix: '/orders' }, callers: ['shop'] },
      host: { match: { pathPrefix: '/orders', hosts: ['ops.test'] }, callers: ['ops'] },
      bound: { match: { pathPrefix: '/bound', hosts: ['shop.test'] }, callers: ['shop'] },
      field: { match: { pathPrefix: '/orders', headers: { 'x-full': '1' } }, callers: ['ops'] },
    });
    expect(asks(admits)('/orders/7')).to.equal(true);
    expect(asks(admits, { host: 'ops.test' })('/orders/7')).to.equal(false);
    expect(asks(admits)('/bound')).to.equal(false);
    expect(asks(admits, { host: 'shop.test' })('/bound')).to.equal(true);
    expect(asks(admits, { headers: { 'x-full': '1' } })('/orders/7')).to.equal(false);
  });

  it('is for callers alone, by their whole name, and not for what is exposed outside', () => {
    const match = { pathPrefix: '/orders' };
    expect(asks(routes({ all: { match, callers: ['shops', 'sho', '*'] } }))('/orders')).to.equal(false);
    expect(asks(routes({ all: { match, callers: ['shop'] } }), { kind: 'user' })('/orders')).to.equal(false);
    expect(asks(routes({ all: { match, callers: [], expose: { public: { access: 'anonymous' } } } }))('/orders')).to.equal(false);
    expect(asks(routes({}))('/orders')).to.equal(false);
  });
});
