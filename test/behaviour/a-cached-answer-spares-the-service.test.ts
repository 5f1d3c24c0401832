import { expect } from 'chai';
import { adminAt } from '../support/admin.ts';
import { testClock } from '../support/clock.ts';
import { ADMIN_TOKEN, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { counting, give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a cached answer spares the service', () => {
  const servers = serversOfThisSuite();
  const cached = (url: string, cache: object = {}, more: Parameters<typeof open>[1] = {}) =>
    open(url, { ...more, route: { cache, ...more.route } });

  it('while it is fresh, by its own word', async () => {
    const clock = testClock();
    const service = await counting(servers, { 'Cache-Control': 'max-age=10', 'X-Own': 'kept' });
    const gateway = await servers.public(cached(service.url), { clock });
    const first = await ask(gateway.port, '/a?b=c');
    expect([first.body, first.header('age'), first.header('cache-status')]).to.deep.equal([
      '1',
      undefined,
      'public-gateway; fwd=miss; stored',
    ]);
    clock.advance(4_000);
    const second = await ask(gateway.port, '/a?b=c');
    expect([second.status, second.body, second.header('age'), second.header('x-own'), second.header('content-length')]).to.deep.equal([
      200,
      '1',
      '4',
      'kept',
      '1',
    ]);
    expect(second.header('cache-status')).to.equal('public-gateway; hit; ttl=6');
    expect(second.header('date')).to.equal(first.header('date'));
    clock.advance(6_000);
    expect((await ask(gateway.port, '/a?b=c')).body).to.equal('2');
    expect((await ask(gateway.port, '/a?b=d')).body).to.equal('3');
    expect((await ask(gateway.port, '/a', { headers: { host: 'other.example' } })).body).to.equal('4');
  });

  it('or by the ttl of the route, where it says nothing; what it says goes first', async () => {
    const clock = testClock();
    const service = await counting(servers);
    const gateway = await servers.public(cached(service.url, { ttl: '5s' }), { clock });
    const bodies = async (path: string) => [(await ask(gateway.port, path)).body, (await ask(gateway.port, path)).body];
    expect(await bodies('/a')).to.deep.equal(['1', '1']);
    clock.advance(5_000);
    expect(await bodies('/a')).to.deep.equal(['2', '2']);
    for (const said of ['no-store', 'private', 'max-age=0', 'no-cache']) {
      service.answer = (_, res, count) => give(res, { 'Cache-Control': said }, String(count));
      const before = service.count;
      expect(await bodies(`/${said}`), said).to.deep.equal([String(before + 1), String(before + 2)]);
    }
  });

  it('and on no route without a cache', async () => {
    const service = await counting(servers, { 'Cache-Control': 'max-age=10' });
    const gateway = await servers.public(open(service.url));
    const answers = [await ask(gateway.port), await ask(gateway.port)];
    expect(answers.map(({ body, header }) => [body, header('cache-status')])).to.deep.equal([
      ['1', undefined],
      ['2', undefined],
    ]);
  });

  it('inside as at the edge, each gateway with its own word in Cache-Status', async () => {
    const service = await counting(servers, { 'Cache-Control': 'public, max-age=10' });
    const inner = await servers.private(cached(service.url));
    const outer = await servers.public(cached(inner.url));
    expect((await ask(outer.port)).headers['cache-status']).to.deep.equal([
      'private-gateway; fwd=miss; stored',
      'public-gateway; fwd=miss; stored',
    ]);
    expect((await ask(inner.port)).body).to.equal('1');
    expect((await ask(outer.port)).headers['cache-status']?.at(-1)).to.match(/^public-gateway; hit; ttl=\d+$/);
    expect(service.count).to.equal(1);
  });

  it('once validated, when it has gone stale: the service sends no body twice', async () => {
    const clock = testClock();
    const service = await counting(servers);
    const conditions: unknown[] = [];
    service.answer = (req, res, count) => {
      conditions.push(req.headers['if-none-match']);
      const fields = { ETag: '"v1"', 'Cache-Control': 'max-age=5', 'X-Count': String(count) };
      if (req.headers['if-none-match'] === '"v1"') res.writeHead(304, fields).end();
      else give(res, fields, 'the body');
    };
    const gateway = await servers.public(cached(service.url), { clock });
    await ask(gateway.port);
    clock.advance(6_000);
    const validated = await ask(gateway.port);
    expect([validated.status, validated.body, validated.header('x-count'), validated.header('cache-status')]).to.deep.equal([
      200,
      'the body',
      '2',
      'public-gateway; fwd=stale; fwd-status=304; ttl=5; stored',
    ]);
    const client = await ask(gateway.port, '/', { headers: { 'if-none-match': '"v1"' } });
    expect([client.status, client.body, client.header('etag')]).to.deep.equal([304, '', '"v1"']);
    expect(conditions).to.deep.equal([undefined, '"v1"']);
  });

  it('for HEAD too, and for a part', async () => {
    const service = await counting(servers, { 'Cache-Control': 'max-age=10', ETag: '"e"' });
    service.answer = (_, res) => give(res, { 'Cache-Control': 'max-age=10' }, '0123456789');
    const gateway = await servers.public(cached(service.url));
    await ask(gateway.port);
    const head = await ask(gateway.port, '/', { method: 'HEAD' });
    expect([head.status, head.body, head.header('content-length')]).to.deep.equal([200, '', '10']);
    const part = await ask(gateway.port, '/', { headers: { range: 'bytes=2-4' } });
    expect([part.status, part.body, part.header('content-range')]).to.deep.equal([206, '234', 'bytes 2-4/10']);
    const none = await ask(gateway.port, '/', { headers: { range: 'bytes=10-' } });
    expect([none.status, none.header('content-range')]).to.deep.equal([416, 'bytes */10']);
    expect(service.count).to.equal(1);
  });

  it('of the same connection, which goes on behind it', async () => {
    const service = await counting(servers, { 'Cache-Control': 'max-age=10' });
    const gateway = await servers.public(cached(service.url));
    await ask(gateway.port);
    const hit = await fetch(`${gateway.url}/`, { headers: { host: 'shop.example' } });
    expect(hit.headers.get('connection')).to.not.equal('close');
  });

  it('for as many parameters, fields and cookies as the route says that count', async () => {
    const service = await counting(servers);
    const key = { query: ['page'], headers: ['x-plan'], cookies: ['lang'] };
    const gateway = await servers.public(cached(service.url, { ttl: '10s', key }));
    const body = async (path: string, headers: Record<string, string> = {}) => (await ask(gateway.port, path, { headers })).body;
    expect(await body('/?page=1&utm=a')).to.equal('1');
    expect(await body('/?utm=b&page=1')).to.equal('1');
    expect(await body('/?page=2')).to.equal('2');
    expect(await body('/?page=1', { 'x-plan': 'pro' })).to.equal('3');
    expect(await body('/?page=1', { cookie: 'lang=de; track=1' })).to.equal('4');
    expect(await body('/?page=1', { cookie: 'track=2; lang=de' })).to.equal('4');
  });

  it('unless the client wants none, where clients are heeded', async () => {
    const service = await counting(servers, { 'Cache-Control': 'max-age=10' });
    const gateway = await servers.public(cached(service.url));
    const heedless = await servers.public(cached(service.url, { clientDirectives: false }));
    for (const { port } of [gateway, heedless]) await ask(port);
    const wanting = async (port: number, wish: string) => (await ask(port, '/', { headers: { 'cache-control': wish } })).body;
    expect([await wanting(gateway.port, 'no-cache'), await wanting(gateway.port, 'no-store')]).to.deep.equal(['3', '4']);
    expect([await wanting(heedless.port, 'no-cache'), await wanting(heedless.port, 'no-store')]).to.deep.equal(['2', '2']);
    const answer = await ask(gateway.port, '/nothing', { headers: { 'cache-control': 'only-if-cached' } });
    expect([answer.status, answer.json()['code']]).to.deep.equal([504, 'not-stored']);
  });

  it('which the log and the metrics tell', async () => {
    const clock = testClock();
    const service = await counting(servers, { 'Cache-Control': 'max-age=10', ETag: '"e"' });
    const gateway = await servers.public(cached(service.url), { clock });
    await ask(gateway.port);
    await ask(gateway.port);
    await ask(gateway.port, '/', { headers: { 'cache-control': 'no-store' } });
    const scraped = await scrape(gateway.admin);
    const results = scraped
      .named('gateway_cache_requests_total')
      .map(({ labels, value }) => [labels['gateway_route_id'], labels['result'], value]);
    expect(results.sort()).to.deep.equal([
      ['open', 'bypass', 1],
      ['open', 'hit', 1],
      ['open', 'miss', 1],
    ]);
    expect(scraped.named('gateway_cache_entries')[0]?.value).to.equal(1);
    expect(scraped.named('gateway_cache_size_bytes')[0]?.value).to.be.greaterThan(100);
    expect(scraped.named('gateway_cache_evictions_total')[0]?.value).to.equal(0);
    await gateway.drain();
    const lines = gateway.logged().filter(({ event }) => event === 'request');
    expect(lines.map((line) => [line['cache'], line['service']])).to.deep.equal([
      ['miss', 'upstream'],
      ['hit', undefined],
      ['bypass', 'upstream'],
    ]);
  });

  it('what passed it by is told as such, also when it failed', async () => {
    const service = await counting(servers);
    service.answer = (req) => req.socket.destroy();
    const gateway = await servers.public(cached(service.url));
    expect((await ask(gateway.port, '/', { headers: { 'if-match': '"1"' } })).status).to.equal(502);
    await gateway.drain();
    const lines = gateway.logged().filter(({ event }) => event === 'request');
    expect(lines.map((line) => line['cache'])).to.deep.equal(['bypass']);
  });

  it('what was purged on its way in is not said to be stored', async () => {
    const service = await counting(servers);
    let finish: (() => void) | undefined;
    service.answer = (_, res) => {
      finish = () => give(res, { 'Cache-Control': 'max-age=60' }, 'old');
    };
    const gateway = await servers.public(cached(service.url));
    const asked = ask(gateway.port);
    await eventually(
      () => finish,
      (one) => one !== undefined,
    );
    await adminAt(gateway.admin, ADMIN_TOKEN)('POST', '/cache/purge', { all: true });
    finish?.();
    expect((await asked).header('cache-status')).to.equal('public-gateway; fwd=miss');
  });
});
