import { expect } from 'chai';
import { reachability, reachabilityInTurns } from '../../../core/check/reachability.ts';
import type { Config, MatchConfig, RouteConfig } from '../../../core/config/schema/index.ts';
import { aRoute } from '../routing/a-route.ts';
import { aConfig } from './a-config.ts';

/** `newly-public orders GET,HEAD /orders: any user: no route took it before`. */
const said = (before: Config, after: Config): string[] =>
  reachability(before, after).map(
    ({ kind, route, hosts, methods, path, who, says }) =>
      `${kind} ${route} ${methods.join()} ${hosts[0] === '*' ? '' : hosts.join()}${path}: ${who}: ${says}`,
  );

const anonymous: Partial<RouteConfig> = { expose: { public: { access: 'anonymous' } } };
const inside = (...callers: string[]): Partial<RouteConfig> => ({ expose: { private: { callers } } });
const orders: MatchConfig = { pathPrefix: '/orders' };

describe('reachability', () => {
  it('says nothing of what is the same to everybody', () => {
    const before = aConfig([aRoute('a', orders), aRoute('b', { path: '/b/{x}' }, { rewrite: { path: '/c/{x}' } })]);
    const renamed = aConfig([aRoute('z', { path: '/b/{y}' }, { rewrite: { path: '/c/{y}' } }), aRoute('y', orders)]);
    expect(said(before, renamed)).to.deep.equal([]);
    const apart = [aRoute('r', { ...orders, methods: ['GET'] }), aRoute('w', { ...orders, methods: ['POST'] })];
    expect(said(aConfig(apart), aConfig([aRoute('rw', { ...orders, methods: ['GET', 'POST'] })]))).to.deep.equal([]);
  });

  it('names a route that is new, for what it is', () => {
    expect(said(aConfig([]), aConfig([aRoute('a', { path: '/a', methods: ['GET'] })]))).to.deep.equal([
      'newly-public a GET,HEAD /a: any user: no route took it before',
    ]);
    expect(said(aConfig([]), aConfig([aRoute('a', { ...orders, hosts: ['a.test', 'b.test'] }, anonymous)]))).to.deep.equal([
      'newly-anonymous a * a.test,b.test/orders/*: anybody: no route took it before',
      'newly-public a * a.test,b.test/orders/*: anybody: no route took it before',
    ]);
    expect(said(aConfig([]), aConfig([aRoute('a', orders, inside('checkout'))]))).to.deep.equal([
      'newly-callable a * /orders/*: checkout: no route took it before',
    ]);
  });

  it('names what is asked no longer', () => {
    const asking = (scopes: string[], claims?: Record<string, string[]>) =>
      aConfig([aRoute('a', orders, { expose: { public: { scopes, ...(claims && { claims }) } } })]);
    expect(said(asking(['r', 'w']), asking(['r']))).to.deep.equal(['wider a * /orders/*: scopes r: no longer asks for the scope w']);
    expect(said(asking([], { plan: ['pro'] }), asking([], { plan: ['pro', 'free'] }))[0]).to.equal(
      'wider a * /orders/*: plan pro|free: no longer asks for the claim plan other than "free"',
    );
    expect(said(asking(['r']), asking(['r', 'w']))).to.deep.equal(['narrower a * /orders/*: scopes r: asks for the scope w']);
    expect(said(asking(['r']), aConfig([aRoute('a', orders, anonymous)]))[0]).to.equal(
      'newly-anonymous a * /orders/*: anybody: before only: scopes r',
    );
  });

  it('sees what a route that is gone has hidden', () => {
    const all = aRoute('all', { pathPrefix: '/' }, anonymous);
    const guard = aRoute('guard', { pathPrefix: '/orders/admin', methods: ['POST'] }, { expose: { public: { scopes: ['admin'] } } });
    expect(said(aConfig([all, guard]), aConfig([all]))).to.deep.equal([
      'newly-anonymous all POST /orders/admin/*: anybody: before only: scopes admin',
    ]);
    expect(said(aConfig([all]), aConfig([all, guard]))).to.deep.equal([
      'no-longer-anonymous all POST /orders/admin/*: anybody: now only: scopes admin',
    ]);
  });

  it('sees a condition that is dropped, and one that changes which route goes first', () => {
    const secret = aRoute('a', { ...orders, headers: { 'x-team': 'inventory' } }, anonymous);
    expect(said(aConfig([secret]), aConfig([aRoute('a', orders, anonymous)])).map((line) => line.split(':')[0])).to.deep.equal([
      'newly-anonymous a * /orders/*',
      'newly-public a * /orders/*',
    ]);
    const users = aRoute('users', orders);
    // One that takes a header's value goes before; another value of the same header is another request.
    const one = (value: string) => aRoute('one', { ...orders, headers: { x: value } }, anonymous);
    expect(said(aConfig([users, one('1')]), aConfig([users, one('2')])).filter((line) => line.startsWith('newly'))).to.deep.equal([
      'newly-anonymous one * /orders/*: anybody: before only: any user',
    ]);
  });

  it('looks into regular expressions as far as plain paths go', () => {
    const expression = aRoute('e', { path: '~/v[0-9]+/status' });
    expect(said(aConfig([expression]), aConfig([expression, aRoute('v1', { path: '/v1/status' })]))).to.deep.equal([]);
    expect(said(aConfig([expression]), aConfig([expression, aRoute('vx', { path: '/vx/status' })]))[0]).to.contain('newly-public vx');
  });

  it('knows callers by where they come from, not by their names', () => {
    const routes = (name: string) => [aRoute('a', orders, inside(name))];
    const callers = (of: Config['private']['callers']) => ({ private: { callers: of } });
    const before = aConfig(routes('checkout'), callers({ checkout: { from: ['10.1.0.0/16'] } }));
    expect(said(before, aConfig(routes('till'), callers({ till: { from: ['10.1.0.0/16'] } })))).to.deep.equal([]);
    expect(said(before, aConfig(routes('checkout'), callers({ checkout: { from: ['10.0.0.0/15'] } })))).to.deep.equal([
      'newly-callable a * /orders/*: checkout from 10.0.0.0/16: before only: checkout, who was nobody',
    ]);
    // A caller who stood before it, with a part of its addresses, is gone.
    const first = { scanner: { from: ['10.1.1.1'] }, checkout: { from: ['10.1.0.0/16'] } };
    expect(said(aConfig(routes('checkout'), callers(first)), before)).to.deep.equal([
      'newly-callable a * /orders/*: checkout from 10.1.1.1: before only: checkout, who was scanner',
    ]);
    expect(said(before, aConfig([aRoute('a', orders, inside('checkout', 'reporting'))]))).to.deep.equal([
      'newly-callable a * /orders/*: reporting: before only: checkout, who was nobody',
    ]);
  });

  it('knows callers by certificate only where certificates are signed by somebody', () => {
    const callers = { checkout: { certificate: 'checkout.internal' } };
    const listen = aConfig([]).private.listen;
    const mutual = { ...listen, tls: { cert: 'c', key: 'k', clientCa: 'ca' } };
    const routes = [aRoute('a', orders, inside('checkout'))];
    const without = aConfig(routes, { private: { callers } });
    expect(said(without, aConfig(routes, { private: { callers, listen: mutual } }))).to.deep.equal([
      'newly-callable a * /orders/*: checkout from 0.0.0.0/0, ::/0: before only: checkout, who was nobody',
    ]);
  });

  it('knows that whoever has no certificate is nobody while certificates are asked for, whatever the address', () => {
    const listen = aConfig([]).private.listen;
    const mutual = { ...listen, tls: { cert: 'c', key: 'k', clientCa: 'ca' } };
    const at = (of: Config['private']['listen']) =>
      aConfig([aRoute('a', orders, inside('checkout'))], { private: { callers: { checkout: { from: ['10.1.0.0/16'] } }, listen: of } });
    expect(said(at(mutual), at(listen))).to.deep.equal([
      'newly-callable a * /orders/*: checkout from 10.1.0.0/16: before only: checkout, who was nobody',
    ]);
    expect(said(at(listen), at(mutual)).map((line) => line.split(' ')[0])).to.deep.equal(['no-longer-callable']);
  });

  it('names limits that go up or away', () => {
    const limited = (limit?: number) =>
      aConfig([aRoute('a', orders, { expose: { public: limit === undefined ? {} : { rateLimit: { limit, windowMs: 60_000 } } } })]);
    expect(said(limited(10), limited())).to.deep.equal(['wider a * /orders/*: any user: there is no rate limit any more']);
    expect(said(limited(10), limited(20))).to.deep.equal(['wider a * /orders/*: any user: the rate limit is 20 in 60 s, not 10 in 60 s']);
    expect(said(limited(20), limited(10))).to.deep.equal([]);
  });

  it('names other services, other paths, other filters', () => {
    const led = (rest: Partial<RouteConfig>) => aConfig([aRoute('a', orders, rest)]);
    const split = [
      { service: 'orders', weight: 9 },
      { service: 'stock', weight: 1 },
    ];
    expect(said(led({}), aConfig([{ name: 'a', match: orders, split, priority: 'normal', expose: { public: {} } }]))).to.deep.equal([
      'elsewhere a * /orders/*: any user: goes to stock',
    ]);
    expect(said(led({}), led({ rewrite: { prefixPath: '/internal' } }))).to.deep.equal([
      'elsewhere a * /orders/*: any user: goes to orders as /internal',
    ]);
    expect(said(led({ filters: ['./check.ts'] }), led({}))).to.deep.equal([
      'wider a * /orders/*: any user: other filters act on the request',
    ]);
    expect(
      said(
        led({ filters: ['./check.ts'] }),
        aConfig([aRoute('a', orders, { filters: ['./check.ts'] })], { filters: { off: ['./check.ts'] } }),
      ),
    ).to.have.length(1);
    expect(said(led({ filters: ['secureHeaders'] }), led({}))).to.deep.equal([]);
    expect(said(led({}), led({ upgrade: ['websocket'] }))).to.deep.equal(['wider a * /orders/*: any user: it upgrades to websocket']);
  });

  it('names a branch of a split that had no share, or only for some', () => {
    const canary = (weight: number, match?: { headers: Record<string, string> }) =>
      aConfig([
        {
          name: 'a',
          match: orders,
          split: [
            { service: 'orders', weight: 1 },
            { service: 'stock', weight, ...(match && { match }) },
          ],
          priority: 'normal',
          expose: { public: {} },
        },
      ]);
    const goes = ['elsewhere a * /orders/*: any user: goes to stock'];
    const insider = { headers: { 'x-team': 'a' } };
    expect(said(canary(0), canary(1))).to.deep.equal(goes);
    expect(said(canary(0, insider), canary(1, insider))).to.deep.equal(goes);
    expect(said(canary(0, insider), canary(0, { headers: { 'x-team': '~.*' } }))).to.deep.equal(goes);
    expect(said(canary(1), canary(5))).to.deep.equal([]);
    expect(said(canary(1), canary(0, insider))).to.deep.equal([]);
  });

  it('names stored answers that are told apart by less', () => {
    const cached = (cache: object) =>
      aConfig([
        aRoute('a', orders, {
          cache: { staleIfError: 0, staleWhileRevalidate: 0, maxBody: 1, perUser: false, clientDirectives: true, ...cache },
        }),
      ]);
    const kinds = (before: object, after: object) => said(cached(before), cached(after)).map((line) => line.split(': ').at(-1));
    expect(kinds({ perUser: true }, {})).to.deep.equal(['stored answers are no longer kept for each user apart']);
    expect(kinds({}, { key: { query: ['id'] } })).to.deep.equal(['query']);
    expect(kinds({ key: { headers: ['a', 'b'], cookies: ['s'] } }, { key: { headers: ['a'] } })).to.deep.equal(['headers, cookies']);
    expect(kinds({ key: { query: ['id'] } }, {})).to.deep.equal([]);
    expect(kinds({}, { perUser: true })).to.deep.equal([]);
  });

  it('takes a service under another name for the same, where its addresses are', () => {
    const { services } = aConfig([]);
    const { orders: one } = services;
    const after = aConfig([aRoute('a', orders, { service: 'orders-v2' })], { services: { ...services, ...(one && { 'orders-v2': one }) } });
    expect(said(aConfig([aRoute('a', orders)]), after)).to.deep.equal([]);
  });

  it('sees the document of what is exposed, which goes before all routes', () => {
    expect(
      said(
        aConfig([aRoute('a', { pathPrefix: '/' })]),
        aConfig([aRoute('a', { pathPrefix: '/' })], { public: { openapi: '/openapi.json' } }),
      ),
    ).to.deep.equal(['newly-anonymous the OpenAPI document GET,HEAD /openapi.json: anybody: before only: any user']);
  });

  it('names what opens a whole gateway', () => {
    const { public: edge, private: inner } = aConfig([]);
    expect(
      said(aConfig([]), aConfig([], { public: { admin: { ...edge.admin, host: '0.0.0.0' } }, private: { trustedProxies: ['10.0.0.9'] } })),
    ).to.deep.equal([
      'wider * * /*: whoever reaches 0.0.0.0: the admin port listens on 0.0.0.0, not on 127.0.0.1',
      'wider * * /*: 10.0.0.9: is believed about the address of its clients',
    ]);
    expect(said(aConfig([], { private: { admin: { ...inner.admin, host: '10.0.0.1' } } }), aConfig([]))).to.deep.equal([]);
  });

  it('names users where nobody was one, pages that may read more, who sees filters', () => {
    const jwt = {
      issuer: 'https://i.test',
      audience: 'a',
      jwks: 'https://i.test/k',
      algorithms: ['RS256' as const],
      from: ['bearer' as const],
      clockTolerance: 0,
    };
    const page = { origins: ['https://a.test'], methods: ['GET'], exposeHeaders: [], credentials: false, maxAge: 0 };
    const last = (before: Partial<Config['public']>, after: Partial<Config['public']>) =>
      said(aConfig([], { public: before }), aConfig([], { public: after })).map((line) => line.replace('wider * * /*: ', ''));
    expect(last({}, { jwt })).to.deep.equal(['any user: tokens of https://i.test are taken, and before nobody was a user']);
    expect(last({ cors: page }, { cors: { ...page, exposeHeaders: ['x-total'] } })).to.deep.equal([
      'pages of other origins: pages may read x-total too',
    ]);
    expect(last({ cors: page }, {})).to.deep.equal(['pages of other origins: what services say of other origins is no longer held back']);
    expect(last({ debug: ['10.0.0.0/8'] }, { debug: ['10.1.0.0/16', '11.0.0.1'] })).to.deep.equal(['11.0.0.1: is told which filters ran']);
    expect(last({ jwt, cors: page, debug: ['::1'] }, { jwt })).to.have.length(1);
  });

  it('names an address that more can reach, of IPv6 too', () => {
    const { listen } = aConfig([]).public;
    const at = (host: string) => aConfig([], { public: { listen: { ...listen, host } } });
    expect(said(at('0.0.0.0'), at('::'))).to.have.length(1);
    expect(said(at('0.0.0.0'), at('fd00::1'))).to.have.length(1);
    expect(said(at('0.0.0.0'), at('10.0.0.1'))).to.deep.equal([]);
    expect(said(at('::'), at('0.0.0.0'))).to.deep.equal([]);
    expect(said(at('10.0.0.1'), at('127.0.0.1'))).to.deep.equal([]);
  });

  it('names proxies that are believed no longer, where they are callers themselves', () => {
    const at = (trustedProxies: string[], from: string) =>
      aConfig([], { private: { trustedProxies, callers: { checkout: { from: [from] } } } });
    expect(said(at(['10.0.0.5'], '10.0.0.0/24'), at([], '10.0.0.0/24'))).to.deep.equal([
      'wider * * /*: clients of 10.0.0.5: count as the proxy itself, which is a caller or sees filters',
    ]);
    expect(said(at(['10.0.0.5'], '10.1.0.0/24'), at([], '10.1.0.0/24'))).to.deep.equal([]);
    expect(said(at(['10.0.0.0/8'], '10.1.0.0/24'), at(['10.0.0.0/16', '10.1.0.0/16'], '11.0.0.0/24'))).to.have.length(0);
    expect(said(at(['10.0.0.0/16'], '11.1.0.0/24'), at(['10.0.0.9'], '11.1.0.0/24'))).to.deep.equal([]);
  });

  it('names who may register with the embedded registry', () => {
    const embedded = { host: '0.0.0.0', port: 8761, peers: [] } as unknown as NonNullable<Config['registry']['embedded']>;
    const at = (from: string[]): Config => {
      const config = aConfig([], { private: { callers: { orders: { from } } } });
      return { ...config, registry: { ...config.registry, embedded } };
    };
    expect(said(at(['10.0.0.0/8']), at(['10.1.0.0/16', '10.2.0.1']))).to.deep.equal([]);
    expect(said(at(['10.0.0.0/8']), at(['10.1.0.0/16', '11.0.0.1']))).to.deep.equal([
      'wider * * /*: 11.0.0.1: may register with the embedded registry',
    ]);
    const own = (different: object): Config => {
      const config = at(['10.0.0.0/8']);
      return { ...config, registry: { ...config.registry, embedded: { ...embedded, ...different } } };
    };
    expect(said(own({ host: '127.0.0.1' }), own({ peers: ['http://10.0.0.7:8761/eureka'] }))).to.deep.equal([
      'wider * * /*: http://10.0.0.7:8761/eureka: may replicate with the embedded registry',
      'wider * * /*: whoever reaches 0.0.0.0: the embedded registry listens on 0.0.0.0, not on 127.0.0.1',
    ]);
  });

  it('tells where in the configuration, and puts the dangerous ones first', () => {
    const before = aConfig([aRoute('gone', { path: '/gone' })]);
    const after = aConfig([aRoute('in', { path: '/in' }, inside('checkout')), aRoute('any', { path: '/any' }, anonymous)]);
    expect(reachability(before, after).map(({ kind, wider, place }) => [kind, wider, place.join('.')])).to.deep.equal([
      ['newly-anonymous', true, 'routes.1'],
      ['newly-public', true, 'routes.1'],
      ['newly-callable', true, 'routes.0'],
      ['no-longer-public', false, 'routes.0'],
    ]);
  });

  it('gives others a turn, and says the same then', async () => {
    const many = (access?: 'anonymous') =>
      Array.from({ length: 1000 }, (_, at) =>
        aRoute(`r${at}`, { path: `~/r${at}/[0-9]+` }, { expose: { public: at % 2 === 1 && access ? { access } : {} } }),
      );
    const [before, after] = [aConfig(many()), aConfig(many('anonymous'))];
    let turns = 0;
    const meanwhile = () => {
      turns += 1;
      timer = setImmediate(meanwhile);
    };
    let timer = setImmediate(meanwhile);
    const changes = await reachabilityInTurns(before, after);
    clearImmediate(timer);
    expect(turns).to.be.greaterThan(2);
    expect(changes).to.deep.equal(reachability(before, after));
    expect(changes).to.have.length(500);
  });

  it('looks at few pairs where one of many routes changes, and keeps its answer bounded where all could meet', () => {
    const crossing = (changed: (at: number) => boolean) =>
      aConfig(
        Array.from({ length: 400 }, (_, at) =>
          aRoute(`r${at}`, { path: at % 2 ? `/{a}/x${at}` : `/x${at}/{a}` }, { expose: { public: changed(at) ? {} : { scopes: ['s'] } } }),
        ),
      );
    expect(
      said(
        crossing(() => false),
        crossing((at) => at === 200),
      ),
    ).to.deep.equal(['wider r200 * /x200/{a}: any user: no longer asks for the scope s']);
    const changes = reachability(
      crossing(() => false),
      crossing((at) => at < 200),
    );
    expect(changes.length).to.be.lessThan(400 * 21);
    for (let at = 0; at < 200; at += 1) expect(changes.some(({ wider, route }) => wider && route === `r${at}`)).to.equal(true);
  });

  it('answers for large tables, and for conditions beyond number', () => {
    const many = Array.from({ length: 1000 }, (_, at) => aRoute(`r${at}`, { path: `/r${at}/{id}`, methods: ['GET', 'POST'] }));
    expect(said(aConfig(many), aConfig([...many, aRoute('all', { pathPrefix: '/r1' }, anonymous)]))).to.have.length(2);
    const wild = Array.from({ length: 24 }, (_, at) => aRoute(`r${at}`, { pathPrefix: '/', queryParams: { [`q${at}`]: `~${at}.*` } }));
    const open = aConfig([...wild.slice(1), aRoute('open', { pathPrefix: '/', queryParams: { z: '1' } }, anonymous)]);
    expect(said(aConfig(wild), open)[0]).to.match(/^newly-anonymous open/);
  });
});
