import { once } from 'node:events';
import { expect } from 'chai';
import { open as connect } from '../support/client.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Counting, counting, give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { given } from './support/made-of-parts.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a stale answer stands in for a failing service', () => {
  const servers = serversOfThisSuite();
  let clock: TestClock;
  let service: Counting;
  beforeEach(async () => {
    clock = testClock();
    service = await counting(servers, { 'Cache-Control': 'max-age=5' });
  });

  const started = (cache: object, more: Parameters<typeof open>[1] = {}) =>
    servers.public(open(service.url, { ...more, route: { cache, ...more.route }, service: { retry: { attempts: 0 }, ...more.service } }), {
      clock,
    });
  const failing = (status: number) => {
    service.answer = (_, res) => give(res, {}, 'failed', status);
  };

  it('that has no answer, or says 500, 502, 503 or 504', async () => {
    const gateway = await started({ staleIfError: '1m' });
    await ask(gateway.port);
    clock.advance(10_000);
    for (const status of [500, 502, 503, 504]) {
      failing(status);
      const stale = await ask(gateway.port);
      expect([stale.status, stale.body, stale.header('age'), stale.header('cache-status')]).to.deep.equal([
        200,
        '1',
        '10',
        `public-gateway; fwd=stale; fwd-status=${status}; ttl=-5; detail=stale-if-error`,
      ]);
    }
    expect((await ask(gateway.port, '/', { method: 'HEAD' })).status).to.equal(200);
    service.answer = (req) => req.socket.destroy();
    expect((await ask(gateway.port)).header('cache-status')).to.equal('public-gateway; fwd=stale; ttl=-5; detail=stale-if-error');
    for (const status of [404, 501]) {
      failing(status);
      expect((await ask(gateway.port)).status).to.equal(status);
    }
    await gateway.drain();
    const lines = gateway.logged().filter(({ event }) => event === 'request');
    expect(lines.map((line) => line['cache'])).to.deep.equal(['miss', ...Array(6).fill('stale'), 'miss', 'miss']);
  });

  it('for so long and no longer, by the word of the answer before that of the route', async () => {
    const gateway = await started({ staleIfError: '1m' });
    await ask(gateway.port, '/route');
    service.answer = (_, res) => give(res, { 'Cache-Control': 'max-age=5, stale-if-error=10' }, 'own');
    await ask(gateway.port, '/own');
    failing(503);
    clock.advance(14_000);
    expect([(await ask(gateway.port, '/route')).status, (await ask(gateway.port, '/own')).status]).to.deep.equal([200, 200]);
    clock.advance(1_000);
    expect([(await ask(gateway.port, '/route')).status, (await ask(gateway.port, '/own')).status]).to.deep.equal([200, 503]);
    clock.advance(50_000);
    expect((await ask(gateway.port, '/route')).status).to.equal(503);
  });

  it('whose breaker is open, without a call', async () => {
    const gateway = await started(
      { staleIfError: '1m' },
      { service: { circuitBreaker: { requestVolume: 1, errorThreshold: '1%', window: '10s' } } },
    );
    await ask(gateway.port);
    clock.advance(6_000);
    failing(503);
    await ask(gateway.port);
    const { count } = service;
    await ask(gateway.port);
    expect([(await ask(gateway.port)).body, service.count - count]).to.deep.equal(['1', 0]);
  });

  it('before the fallback of the route; the fallback is never stored', async () => {
    const gateway = await started({ ttl: '5s', staleIfError: '10s' }, { route: { fallback: { status: 200, body: 'fallback' } } });
    failing(503);
    const first = await ask(gateway.port);
    expect([first.body, first.header('cache-status')]).to.deep.equal(['fallback', 'public-gateway; fwd=miss; detail=fallback']);
    service.answer = (_, res) => give(res, {}, 'true');
    expect((await ask(gateway.port)).body).to.equal('true');
    clock.advance(6_000);
    failing(503);
    expect((await ask(gateway.port)).body).to.equal('true');
    clock.advance(10_000);
    expect((await ask(gateway.port)).body).to.equal('fallback');
  });

  it('before another service is asked', async () => {
    const other = await counting(servers);
    const given = open(service.url, {
      route: { cache: { staleIfError: '10s' }, fallback: { service: 'other' } },
      service: { retry: { attempts: 0 } },
    });
    const gateway = await servers.public({ ...given, services: { ...given.services, other: { endpoints: [other.url] } } }, { clock });
    await ask(gateway.port);
    clock.advance(6_000);
    failing(503);
    expect([(await ask(gateway.port)).body, other.count]).to.deep.equal(['1', 0]);
    clock.advance(10_000);
    expect([(await ask(gateway.port)).body, other.count]).to.deep.equal(['1', 1]);
  });

  for (const word of ['must-revalidate', 'proxy-revalidate', 'no-cache']) {
    it(`but not what says ${word}`, async () => {
      const gateway = await started({ staleIfError: '1m', staleWhileRevalidate: '1m' });
      service.answer = (_, res) => give(res, { 'Cache-Control': `max-age=5, ${word}`, ETag: '"1"' }, 'first');
      await ask(gateway.port);
      clock.advance(6_000);
      failing(503);
      expect((await ask(gateway.port)).status).to.equal(503);
    });
  }

  it('or for a slow one: it is given while the service is asked behind it, once, whether the client stays or not', async () => {
    const gateway = await started({ staleWhileRevalidate: '1m' });
    await ask(gateway.port);
    clock.advance(6_000);
    const asked: (() => void)[] = [];
    service.answer = (_, res, count) => void asked.push(() => give(res, { 'Cache-Control': 'max-age=5' }, String(count)));
    const stale = [await ask(gateway.port), await ask(gateway.port), await ask(gateway.port)];
    expect(stale.map(({ body, header }) => [body, header('cache-status')])).to.deep.equal(
      Array(3).fill(['1', 'public-gateway; hit; ttl=-1']),
    );
    await eventually(
      () => asked.length,
      (length) => length === 1,
    );
    asked[0]?.();
    const fresh = await eventually(
      () => ask(gateway.port),
      ({ body }) => body === '2',
    );
    expect([fresh.header('cache-status'), service.count]).to.deep.equal(['public-gateway; hit; ttl=5', 2]);
  });

  it('even when the client leaves before it has all of what is stale', async () => {
    // Room for it however its chunks come: a quarter is for what is on its way in.
    const gateway = await started({ staleWhileRevalidate: '1m', maxBody: '16MiB' }, { public: { cache: { memory: '256MiB' } } });
    service.answer = (_, res) => give(res, { 'Cache-Control': 'max-age=5' }, 'x'.repeat(16 * 1024 * 1024));
    await fetch(gateway.url).then((answer) => answer.arrayBuffer());
    clock.advance(6_000);
    let finish: (() => void) | undefined;
    let left = false;
    service.answer = (req, res) => {
      req.socket.once('close', () => {
        left = true;
      });
      finish = () => give(res, { 'Cache-Control': 'max-age=5' }, 'renewed');
    };
    const client = await connect(gateway.port);
    client.write(`GET / HTTP/1.1\r\nHost: ${new URL(gateway.url).host}\r\n\r\n`);
    client.once('data', () => client.pause());
    await once(client, 'pause');
    await eventually(
      () => finish,
      (one) => one !== undefined,
    );
    client.destroy();
    await eventually(
      () => underWay(gateway.admin),
      (now) => now === 0,
    );
    expect(left).to.equal(false);
    finish?.();
    await eventually(
      () => fetch(gateway.url).then((answer) => answer.text()),
      (body) => body === 'renewed',
    );
  });
  const underWay = async (admin: string) =>
    (await scrape(admin)).named('http_server_active_requests').reduce((sum, { value }) => sum + value, 0);

  it('which is asked for the whole, whatever part the client wants', async () => {
    const gateway = await started({ staleWhileRevalidate: '1m' });
    await ask(gateway.port);
    clock.advance(6_000);
    const asked: unknown[] = [];
    service.answer = (req, res) => {
      asked.push([req.method, req.headers.range, req.headers['if-none-match']]);
      give(res, { 'Cache-Control': 'max-age=5' }, 'the whole');
    };
    const headers = { range: 'bytes=0-0', 'if-none-match': '"other"' };
    expect((await ask(gateway.port, '/', { method: 'HEAD', headers })).header('cache-status')).to.equal('public-gateway; hit; ttl=-1');
    const fresh = await eventually(
      () => ask(gateway.port),
      ({ header }) => header('cache-status') === 'public-gateway; hit; ttl=5',
    );
    expect([fresh.body, asked]).to.deep.equal(['the whole', [['GET', undefined, undefined]]]);
  });

  it('and tells nobody of what the service says in between', async () => {
    const gateway = await started({ staleWhileRevalidate: '1m' });
    await ask(gateway.port);
    clock.advance(6_000);
    service.answer = (_, res, count) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' });
      give(res, { 'Cache-Control': 'max-age=5' }, String(count));
    };
    const stale = await ask(gateway.port);
    expect([stale.status, stale.body]).to.deep.equal([200, '1']);
    await eventually(
      () => ask(gateway.port),
      ({ body }) => body === '2',
    );
  });

  it('also for another than the one who made it, whose word on it counts for nothing', async () => {
    const validators = { 'Cache-Control': 'max-age=5', 'Last-Modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    service.answer = (_, res) => give(res, validators, 'of the service');
    const other = await counting(servers);
    other.answer = (req, res) => (req.headers['if-modified-since'] ? void res.writeHead(304).end() : give(res, {}, 'of the other'));
    const config = open(service.url, { route: { cache: {}, fallback: { service: 'other' } }, service: { retry: { attempts: 0 } } });
    const gateway = await servers.public({ ...config, services: { ...config.services, other: { endpoints: [other.url] } } }, { clock });
    await ask(gateway.port);
    clock.advance(6_000);
    failing(503);
    const answer = await ask(gateway.port);
    expect([answer.body, answer.header('cache-status')]).to.deep.equal(['of the other', 'public-gateway; fwd=stale; detail=fallback']);
  });

  it('that says 304 about something else, and fails then', async () => {
    const gateway = await started({ staleIfError: '1m' });
    service.answer = (_, res) => give(res, { 'Cache-Control': 'max-age=5', ETag: '"1"' }, 'first');
    await ask(gateway.port);
    clock.advance(6_000);
    service.answer = (req, res) =>
      req.headers['if-none-match'] ? void res.writeHead(304, { ETag: '"2"' }).end() : give(res, {}, 'failed', 503);
    for (let time = 0; time < 2; time += 1) expect((await ask(gateway.port)).body).to.equal('first');
  });

  describe('of which it is a part', () => {
    const composed = async (cache: object) => {
      service.answer = (_, res, count) => give(res, { 'Cache-Control': 'max-age=5', 'Content-Type': 'application/json' }, String(count));
      const parts = { a: { service: 'users', path: '/a', required: true, timeout: '50ms' } };
      return servers.public(given(parts, { users: service.url }, {}, { retry: { attempts: 0 } }, { cache }), { clock });
    };

    it('although it has begun', async () => {
      const gateway = await composed({ staleIfError: '1m' });
      await ask(gateway.port, '/dashboard/7');
      clock.advance(6_000);
      service.answer = (_, res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).write('[');
      const stale = await ask(gateway.port, '/dashboard/7');
      expect([stale.body, stale.header('cache-status')]).to.deep.equal([
        '{"a":1}',
        'public-gateway; fwd=stale; ttl=-1; detail=stale-if-error',
      ]);
    });

    it('or for a slow one, which is asked behind it, whether the client stays or not, and whichever method it uses', async () => {
      const gateway = await composed({ staleWhileRevalidate: '1m' });
      await ask(gateway.port, '/dashboard/7');
      clock.advance(6_000);
      let finish: (() => void) | undefined;
      service.answer = (_, res) => {
        finish = () => give(res, { 'Cache-Control': 'max-age=5', 'Content-Type': 'application/json' }, '"new"');
      };
      await ask(gateway.port, '/dashboard/7', { method: 'HEAD' });
      await eventually(
        () => finish,
        (one) => one !== undefined,
      );
      finish?.();
      await eventually(
        () => ask(gateway.port, '/dashboard/7'),
        ({ body }) => body === '{"a":"new"}',
      );
      expect(service.count).to.equal(2);
    });
  });
});
