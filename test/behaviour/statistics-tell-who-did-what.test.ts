import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import WebSocket, { WebSocketServer } from 'ws';
import { open as connect } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { given, json } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

type Figures = Readonly<Record<string, unknown>>;
type Kind = 'routes' | 'services' | 'endpoints' | 'users' | 'callers' | 'slowest' | 'traffic';
type Report = { readonly total: Figures; readonly window: string; readonly usersLack: number } & Readonly<Record<Kind, readonly Figures[]>>;

const askForStats = (gateway: TestGateway, query = '') =>
  ask(Number(new URL(gateway.admin).port), `/stats${query}`, { headers: { host: 'localhost' } });

/** Once they know of so many requests. */
const stats = (gateway: TestGateway, requests: number, query = ''): Promise<Report> =>
  eventually(
    async () => JSON.parse((await askForStats(gateway, query)).body) as Report,
    ({ total }) => total['requests'] === requests,
  );

/** Without rates, which are looked at once, and without whatever is empty. */
const brief = (all: readonly Figures[]): Figures[] =>
  all.map(({ rate, ...rest }) => {
    const told = Object.entries(rest).filter(([, value]) => value !== 0 && value !== null && JSON.stringify(value) !== '{}');
    return Object.fromEntries(told);
  });

const took = (milliseconds: number) => ({ p50: milliseconds, p90: milliseconds, p99: milliseconds, max: milliseconds });

describe('Statistics tell who did what', () => {
  const servers = serversOfThisSuite();
  /** Every answer takes so many milliseconds of the clock. */
  const service = (clock: { advance(milliseconds: number): void }, milliseconds: number) =>
    servers.upstream((req, res) => {
      req.resume().on('end', () => {
        clock.advance(milliseconds);
        res.writeHead(req.url?.endsWith('/broken') ? 500 : 200, { 'Content-Length': 10 }).end('0123456789');
      });
    });

  describe('on the public gateway', () => {
    // Tokens are of now.
    const clock = { ...testClock(), epoch: Date.now };
    let gateway: TestGateway;
    let report: Report;
    /** Of all answers to each. */
    const bytes = { ada: 0, bob: 0 };
    let addresses: Readonly<Record<'orders' | 'gone', string>>;

    before(async () => {
      const orders = await service(clock, 20);
      const [dead = 0] = await freePorts(1);
      addresses = { orders: new URL(orders.url).host, gone: `127.0.0.1:${dead}` };
      const route = (name: string, exposure: object) => ({
        name,
        match: { pathPrefix: `/${name}` },
        service: name,
        expose: { public: exposure },
      });
      gateway = await servers.public(
        {
          services: {
            orders: { endpoints: [orders.url] },
            gone: { endpoints: [`http://127.0.0.1:${dead}`], retry: { attempts: 2 } },
            open: { endpoints: [orders.url] },
          },
          routes: [route('orders', { rateLimit: '5/h' }), route('gone', {}), route('open', { access: 'anonymous' })],
          public: { jwt },
        },
        { clock },
      );
      const send = async (target: string, who?: 'ada' | 'bob', asking: object = {}) => {
        const { body } = await ask(gateway.port, target, { headers: who ? await as(who) : {}, ...asking });
        if (who) bytes[who] += Buffer.byteLength(body);
      };
      await send('/orders', 'ada', { method: 'POST', body: 'abcde' });
      for (let sent = 0; sent < 6; sent += 1) await send('/orders', 'ada');
      await send('/orders/broken', 'bob');
      await send('/gone', 'bob');
      for (const path of ['/open', '/open', '/orders', '/nowhere']) await send(path);
      report = await stats(gateway, 13);
    });

    it('by user, the busiest first, with what each was refused; a route that there is not is nobody’s yet', () => {
      expect(brief(report.users)).to.deep.equal([
        {
          name: 'ada',
          requests: 7,
          statuses: { '2xx': 5, '4xx': 2 },
          refused: { 'rate-limited': 2 },
          bytesIn: 5,
          bytesOut: bytes.ada,
          ...took(20),
        },
        {
          name: 'bob',
          requests: 2,
          statuses: { '5xx': 2 },
          errors: { '500': 1, 'connection-refused': 1 },
          bytesOut: bytes.bob,
          p90: 20,
          p99: 20,
          max: 20,
        },
      ]);
    });

    it('by route', () => {
      const [orders, opened, gone, ...others] = brief(report.routes);
      expect(orders).to.deep.include({
        name: 'orders',
        requests: 9,
        statuses: { '2xx': 5, '4xx': 3, '5xx': 1 },
        errors: { '500': 1 },
        refused: { 'rate-limited': 2, unauthenticated: 1 },
      });
      expect(opened).to.deep.equal({ name: 'open', requests: 2, statuses: { '2xx': 2 }, bytesOut: 20, ...took(20) });
      expect(gone).to.deep.include({ name: 'gone', requests: 1, statuses: { '5xx': 1 }, errors: { 'connection-refused': 1 } });
      expect(others).to.deep.equal([]);
      expect(report.slowest).to.deep.equal([
        { name: 'orders', p99: 20 },
        { name: 'open', p99: 20 },
        { name: 'gone', p99: 0 },
      ]);
    });

    it('by service each call, by endpoint each try', () => {
      expect(brief(report.services)).to.deep.equal([
        { name: 'orders', requests: 6, statuses: { '2xx': 5, '5xx': 1 }, errors: { '500': 1 }, bytesIn: 5, bytesOut: 60, ...took(20) },
        { name: 'open', requests: 2, statuses: { '2xx': 2 }, bytesOut: 20, ...took(20) },
        { name: 'gone', requests: 1, statuses: { none: 1 }, errors: { 'connection-refused': 1 } },
      ]);
      expect(report.endpoints.map(({ service, endpoint, requests }) => [service, endpoint, requests])).to.deep.equal([
        ['orders', addresses.orders, 6],
        ['gone', addresses.gone, 3],
        ['open', addresses.orders, 2],
      ]);
    });

    it('who called whom', () => {
      expect(report.traffic).to.deep.equal([
        { from: 'users', service: 'orders', requests: 6, errors: 1 },
        { from: 'anonymous', service: 'open', requests: 2, errors: 0 },
        { from: 'users', service: 'gone', requests: 1, errors: 1 },
      ]);
    });

    it('all together, those that were for no route too', () => {
      expect(brief([report.total])[0]).to.deep.include({
        requests: 13,
        statuses: { '2xx': 7, '4xx': 4, '5xx': 2 },
        errors: { '500': 1, 'connection-refused': 1 },
        refused: { 'rate-limited': 2, unauthenticated: 1, 'no-route': 1 },
        bytesIn: 5,
      });
    });

    it('as many users as are asked for', async () => {
      const { users, slowest, usersLack } = await stats(gateway, 13, '?top=1');
      expect([users.length, slowest.length, usersLack]).to.deep.equal([1, 1, 0]);
    });

    it('and is told when it is asked for what there is not', async () => {
      for (const query of ['?window=1h', '?window=10s&window=1m', '?window=toString', '?top=many', '?top=-1', '?top=100000']) {
        const answer = await askForStats(gateway, query);
        expect([query, answer.status, answer.header('content-type')]).to.deep.equal([query, 400, 'application/problem+json']);
        expect(answer.json()['code']).to.equal('bad-request');
      }
    });
  });

  it('of the last ten seconds, minute and five minutes, and by the second', async () => {
    const clock = testClock();
    const gateway = await servers.public(open((await service(clock, 0)).url), { clock });
    const send = async (times: number) => {
      for (let sent = 0; sent < times; sent += 1) await ask(gateway.port);
    };
    await send(3);
    clock.advance(30_000);
    await send(2);
    clock.advance(4_000);
    const told = async (window: string, requests: number) => {
      const { total, routes, window: named } = await stats(gateway, requests, `?window=${window}`);
      return [named, total['rate'], routes.map(({ name, requests }) => [name, requests])];
    };
    expect(await told('10s', 2)).to.deep.equal(['10s', 0.222, [['open', 2]]]);
    expect(await told('1m', 5)).to.deep.equal(['1m', 0.147, [['open', 5]]]);
    clock.advance(60_000);
    expect(await told('1m', 0)).to.deep.equal(['1m', 0, []]);
    expect(await told('5m', 5)).to.deep.equal(['5m', 0.053, [['open', 5]]]);
    clock.advance(300_000);
    expect(await told('5m', 0)).to.deep.equal(['5m', 0, []]);
  });

  it('on the private gateway by calling service', async () => {
    const clock = testClock();
    const stock = await service(clock, 5);
    const any = { match: { pathPrefix: '/' }, service: 'stock', expose: { private: { callers: ['shop', 'batch'], rateLimit: '3/h' } } };
    const gateway = await servers.private(
      {
        services: { stock: { endpoints: [stock.url] } },
        routes: [
          { name: 'any', ...any },
          { name: 'shops', ...any, match: { pathPrefix: '/shops' }, expose: { private: { callers: ['shop'] } } },
        ],
        private: { callers: { shop: { from: ['127.0.0.2'] }, batch: { from: ['127.0.0.3'] } } },
      },
      { clock },
    );
    for (const [from, path, times] of [
      ['127.0.0.2', '/shops', 2],
      ['127.0.0.3', '/any', 4],
      ['127.0.0.3', '/shops', 1],
      ['127.0.0.4', '/any', 1],
    ] as const)
      for (let sent = 0; sent < times; sent += 1) await ask(gateway.port, path, { from });
    const report = await stats(gateway, 8);
    expect(report).not.to.have.any.keys('users', 'usersLack');
    const told = report.callers.map(({ name, requests, statuses, refused, max }) => ({ name, requests, statuses, refused, max }));
    expect(told).to.deep.equal([
      { name: 'batch', requests: 5, statuses: { '2xx': 3, '4xx': 2 }, refused: { 'rate-limited': 1, forbidden: 1 }, max: 5 },
      { name: 'shop', requests: 2, statuses: { '2xx': 2 }, refused: {}, max: 5 },
    ]);
    expect(report.total['refused']).to.deep.equal({ 'rate-limited': 1, forbidden: 1, 'unknown-caller': 1 });
    expect(report.traffic).to.deep.equal([
      { from: 'batch', service: 'stock', requests: 3, errors: 0 },
      { from: 'shop', service: 'stock', requests: 2, errors: 0 },
    ]);
  });

  it('of an answer of parts each service that was asked for one, and of a copy too', async () => {
    const users = await servers.upstream(json({ id: 7 }));
    const parts = { one: { service: 'users', path: '/one' }, other: { service: 'orders', path: '/other' } };
    const shape = given(parts, { users: users.url, orders: users.url });
    const copying = {
      name: 'copying',
      match: { path: '/copied' },
      service: 'users',
      expose: { public: { access: 'anonymous' } },
      filters: [{ mirror: { service: 'orders' } }],
    };
    const gateway = await servers.public({ ...shape, routes: [...(shape.routes ?? []), copying] });
    await ask(gateway.port, '/dashboard/7');
    await ask(gateway.port, '/copied');
    const told = await eventually(
      () => stats(gateway, 2),
      ({ services }) => services.length === 2 && services.every(({ requests }) => requests === 2),
    );
    expect(told.traffic).to.deep.equal([
      { from: 'anonymous', service: 'orders', requests: 2, errors: 0 },
      { from: 'anonymous', service: 'users', requests: 2, errors: 0 },
    ]);
  });

  it('of who left that there was no answer', async () => {
    const silent = await servers.upstream(() => {});
    const gateway = await servers.public(open(silent.url));
    const client = await connect(gateway.port);
    client.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(
      () => silent.requests.length,
      (count) => count === 1,
    );
    client.destroy();
    const { total, services } = await stats(gateway, 1);
    expect(brief([total, ...services])).to.deep.equal([
      { requests: 1, statuses: { none: 1 } },
      { name: 'upstream', requests: 1, statuses: { none: 1 } },
    ]);
  });

  it('of a WebSocket once, when it opens, and not how long it is open', async () => {
    const clock = testClock();
    const server = createServer((_, res) => void res.end());
    const chat = new WebSocketServer({ server });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.defer(() => server.close());
    const { port } = server.address() as AddressInfo;
    const gateway = await servers.public(open(`http://127.0.0.1:${port}`, { route: { upgrade: ['websocket'] } }), { clock });
    const client = new WebSocket(`ws://127.0.0.1:${gateway.port}`);
    servers.defer(() => client.terminate());
    await once(client, 'open');
    const opened = await stats(gateway, 1);
    const counted = { requests: 1, statuses: { '1xx': 1 } };
    for (const kind of ['routes', 'services', 'endpoints'] as const)
      expect(brief(opened[kind]).map(({ name, service, endpoint, ...rest }) => rest)).to.deep.equal([counted]);
    clock.advance(5_000);
    const [closed] = await Promise.all([once([...chat.clients][0] ?? chat, 'close'), client.close()]);
    expect(closed).to.have.length(2);
    await ask(gateway.port);
    expect(brief([(await stats(gateway, 2)).total])).to.deep.equal([{ requests: 2, statuses: { '1xx': 1, '2xx': 1 } }]);
  });
});
