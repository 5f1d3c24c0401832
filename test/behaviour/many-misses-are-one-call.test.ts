import { expect } from 'chai';
import { open as connect } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { type Holding, holding } from './support/holding.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('many misses are one call', () => {
  const servers = serversOfThisSuite();
  let service: Holding;
  beforeEach(async () => {
    service = await holding(servers);
  });

  const cached = (more: Parameters<typeof open>[1] = {}) =>
    servers.public(open(service.url, { route: { cache: {} }, ...more, service: { timeouts: { attempt: '10s' }, ...more.service } }));
  const many = (port: number, count: number, headers: Record<string, string> = {}) =>
    Array.from({ length: count }, () => ask(port, '/a', { headers }));
  const underWayAt = async (admin: string) =>
    (await scrape(admin)).named('http_server_active_requests').reduce((sum, { value }) => sum + value, 0);
  /** Resolves when the gateway is at work on as many. */
  const underWay = (admin: string, count: number) =>
    eventually(
      () => underWayAt(admin),
      (now) => now === count,
    );
  const answerWith = (fields: Record<string, string>, body = 'the answer') => {
    const { res } = service.held.shift() ?? {};
    if (res) give(res, fields, body);
  };

  it('whose answer all get', async () => {
    const gateway = await cached();
    const asked = many(gateway.port, 20);
    await underWay(gateway.admin, 20);
    await service.holds(1);
    answerWith({ 'Cache-Control': 'max-age=60' });
    const answers = await Promise.all(asked);
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).to.deep.equal(new Set(['200 the answer']));
    const said = answers.map(({ header }) => header('cache-status')).sort();
    expect(said[0]).to.equal('public-gateway; fwd=miss; stored');
    expect(said.slice(1).every((word) => /^public-gateway; hit; ttl=\d+; collapsed$/.test(word ?? ''))).to.equal(true);
    expect(service.held.length).to.equal(0);
  });

  it('and many revalidations', async () => {
    const clock = testClock();
    const gateway = await servers.public(open(service.url, { route: { cache: {} } }), { clock });
    const first = ask(gateway.port, '/a');
    await service.holds(1);
    service.held[0]?.res.removeHeader('date');
    const date = { Date: new Date(clock.epoch()).toUTCString() };
    answerWith({ ...date, 'Cache-Control': 'max-age=5', ETag: '"1"' });
    await first;
    clock.advance(5_000);
    const asked = many(gateway.port, 10);
    await underWay(gateway.admin, 10);
    await service.holds(1);
    const { req, res } = service.held.shift() ?? {};
    expect(req?.headers['if-none-match']).to.equal('"1"');
    res?.writeHead(304, { Date: new Date(clock.epoch()).toUTCString(), 'Cache-Control': 'max-age=5', ETag: '"1"' }).end();
    expect((await Promise.all(asked)).map(({ body }) => body)).to.deep.equal(Array(10).fill('the answer'));
    expect(service.held.length).to.equal(0);
  });

  it('unless the answer is not to be shared: then each asks for its own, all at once, and the next do not wait at all', async () => {
    const gateway = await cached();
    const asked = many(gateway.port, 5);
    await underWay(gateway.admin, 5);
    await service.holds(1);
    answerWith({ 'Cache-Control': 'private' });
    await service.holds(4);
    for (let left = 4; left > 0; left -= 1) answerWith({ 'Cache-Control': 'private' });
    await Promise.all(asked);
    const next = many(gateway.port, 5);
    await service.holds(5);
    for (let left = 5; left > 0; left -= 1) answerWith({ 'Cache-Control': 'private' });
    await Promise.all(next);
  });

  it('nor is it for whoever the answer does not fit', async () => {
    const gateway = await cached();
    const asked = [...many(gateway.port, 2, { 'x-plan': 'pro' }), ...many(gateway.port, 1, { 'x-plan': 'free' })];
    await underWay(gateway.admin, 3);
    await service.holds(1);
    const answerAll = () => {
      while (service.held.length > 0)
        answerWith({ 'Cache-Control': 'max-age=60', Vary: 'x-plan' }, `for ${service.held[0]?.req.headers['x-plan']}`);
    };
    const answered = eventually(
      () => {
        answerAll();
        return underWayAt(gateway.admin);
      },
      (now) => now === 0,
    );
    expect((await Promise.all(asked)).map(({ body }) => body)).to.deep.equal(['for pro', 'for pro', 'for free']);
    await answered;
  });

  it('and another asks when the client of the first has left', async () => {
    const gateway = await cached();
    const leaving = await connect(gateway.port);
    leaving.write('GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    await service.holds(1);
    const asked = many(gateway.port, 3);
    await underWay(gateway.admin, 4);
    leaving.destroy();
    await service.holds(2);
    service.held.shift();
    answerWith({ 'Cache-Control': 'max-age=60' });
    expect((await Promise.all(asked)).map(({ body }) => body)).to.deep.equal(Array(3).fill('the answer'));
    expect(service.held.length).to.equal(0);
  });

  it('but when the answer breaks off under way, each asks for its own: what failed for one is not tried in a line', async () => {
    const gateway = await cached();
    const asked = many(gateway.port, 3);
    await underWay(gateway.admin, 3);
    await service.holds(1);
    const { res } = service.held.shift() ?? {};
    res?.writeHead(200, { 'Cache-Control': 'max-age=60', 'Content-Length': 100 }).write('half');
    await underWay(gateway.admin, 3);
    res?.destroy();
    await service.holds(2);
    for (let left = 2; left > 0; left -= 1) answerWith({ 'Cache-Control': 'max-age=60' });
    const bodies = (await Promise.all(asked)).map(({ body }) => body).sort();
    expect(bodies).to.deep.equal(['half', 'the answer', 'the answer']);
  });

  it('for as long as one try may take, and no longer', async () => {
    const gateway = await cached({ service: { timeouts: { attempt: '50ms', request: '100ms' }, retry: { attempts: 0 } } });
    const slow = await connect(gateway.port);
    slow.write('GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    await service.holds(1);
    // Its head is there in time, its body is not.
    service.held[0]?.res.writeHead(200, { 'Cache-Control': 'max-age=60' }).write('begun');
    const asked = ask(gateway.port, '/a');
    await service.holds(2);
    service.held.shift();
    answerWith({ 'Cache-Control': 'max-age=60' });
    expect((await asked).body).to.equal('the answer');
    slow.destroy();
  });

  it('and nobody waits for a client that is slow to read', async () => {
    const more = { route: { cache: { maxBody: '16MiB' } }, public: { cache: { memory: '128MiB' } } };
    const gateway = await cached(more);
    const slow = await connect(gateway.port);
    slow.pause();
    slow.write('GET /a HTTP/1.1\r\nHost: shop.example\r\n\r\n');
    await service.holds(1);
    const asked = ask(gateway.port, '/a');
    await underWay(gateway.admin, 2);
    answerWith({ 'Cache-Control': 'max-age=60' }, 'x'.repeat(16 * 1024 * 1024));
    await service.holds(1);
    answerWith({ 'Cache-Control': 'max-age=60' });
    expect((await asked).body).to.equal('the answer');
    slow.destroy();
  });

  it('whatever becomes of answers to credentials', async () => {
    const gateway = await cached();
    const own = ask(gateway.port, '/a', { headers: { authorization: 'Basic eDp5' } });
    await service.holds(1);
    answerWith({ 'Cache-Control': 'max-age=60' });
    expect((await own).header('cache-status')).to.equal('public-gateway; fwd=miss; detail=authorization');
    const asked = many(gateway.port, 5);
    await underWay(gateway.admin, 5);
    await service.holds(1);
    answerWith({ 'Cache-Control': 'max-age=60' });
    await Promise.all(asked);
    expect(service.held.length).to.equal(0);
  });

  it('for which a caller waits no longer than it says', async () => {
    const gateway = await servers.private(open(service.url, { route: { cache: {} }, service: { timeouts: { attempt: '10s' } } }));
    const first = many(gateway.port, 1);
    await service.holds(1);
    const hurried = await ask(gateway.port, '/a', { headers: { 'x-gateway-time-left': '50' } });
    expect([hurried.json()['code'], service.held.length]).to.deep.equal(['caller-gone', 1]);
    answerWith({ 'Cache-Control': 'max-age=60' });
    await Promise.all(first);
  });
});
