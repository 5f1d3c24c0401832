import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { open } from '../support/gateways.ts';
import type { Echo, Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a try that fails', () => {
  const servers = serversOfThisSuite();
  const behind = (endpoints: string[], service: object = {}) =>
    servers.public(open('', { service: { endpoints, balancer: 'roundRobin', ...service } }));

  /** Takes the whole request, and then breaks the connection. */
  const breaking = () => servers.upstream((req) => void req.resume().once('end', () => req.socket.resetAndDestroy()));
  const refusing = async () => `http://127.0.0.1:${(await freePorts(1))[0]}`;

  it('is made again on another endpoint', async () => {
    const [bad, good] = [await breaking(), await servers.upstream()];
    const gateway = await behind([bad.url, good.url]);
    for (let asked = 0; asked < 6; asked += 1) expect((await ask(gateway.port)).status).to.equal(200);
    expect(bad.requests.length).to.be.greaterThan(1);
    const retries = (await scrape(gateway.admin)).named('gateway_retry_attempts_total');
    expect(retries.map(({ labels, value }) => [labels['reason'], value])).to.deep.equal([['reset', bad.requests.length]]);
  });

  it('with a body of up to 64 KiB is made again with the whole of it', async () => {
    const [bad, good] = [await breaking(), await servers.upstream()];
    const gateway = await behind([bad.url, good.url]);
    const body = 'x'.repeat(64 * 1024);
    for (let asked = 0; asked < 2; asked += 1) {
      const answer = await ask(gateway.port, '/', { method: 'PUT', body });
      expect([answer.status, (JSON.parse(answer.body) as Echo).body.length]).to.deep.equal([200, body.length]);
    }
    expect(bad.requests.length).to.equal(1);
  });

  it('with a larger one is not', async () => {
    const bad = await breaking();
    const gateway = await behind([bad.url, bad.url.replace('127.0.0.1', 'localhost')]);
    expect((await ask(gateway.port, '/', { method: 'PUT', body: 'x'.repeat(64 * 1024 + 1) })).status).to.equal(502);
    expect(bad.requests.length).to.equal(1);
  });

  for (const method of ['POST', 'PATCH'])
    it(`is not made again for ${method} once the service has seen it`, async () => {
      const [bad, other] = [await breaking(), await breaking()];
      const gateway = await behind([bad.url, other.url]);
      expect((await ask(gateway.port, '/', { method, body: 'once' })).status).to.equal(502);
      expect(bad.requests.length + other.requests.length).to.equal(1);
    });

  for (const method of ['GET', 'POST', 'PATCH'])
    it(`is made again for ${method} when no connection was made`, async () => {
      const good = await servers.upstream();
      const gateway = await behind([await refusing(), good.url]);
      for (let asked = 0; asked < 2; asked += 1) {
        const answer = await ask(gateway.port, '/', { method, body: method === 'GET' ? '' : 'whole' });
        expect([answer.status, (JSON.parse(answer.body) as Echo).body]).to.deep.equal([200, method === 'GET' ? '' : 'whole']);
      }
    });

  it('goes to the same endpoint when there is no other', async () => {
    let count = 0;
    const upstream = await servers.upstream((_, res) => {
      count += 1;
      res.writeHead(count === 1 ? 503 : 200).end();
    });
    const gateway = await behind([upstream.url]);
    expect((await ask(gateway.port)).status).to.equal(200);
    expect(upstream.requests.length).to.equal(2);
  });

  it('tells the service which try it is, and nobody outside can say it for the gateway', async () => {
    const upstream = await servers.upstream((_, res) => void res.writeHead(503).end());
    const gateway = await behind([upstream.url]);
    await ask(gateway.port, '/', { headers: { 'x-gateway-attempts': '1/9', 'x-gateway-time-left': '1' } });
    expect(upstream.requests.map(({ headers }) => headers['x-gateway-attempts'])).to.deep.equal(['1/2', '2/2']);
    const left = upstream.requests.map(({ headers }) => Number(headers['x-gateway-time-left']));
    expect(left[0]).to.be.within(29_000, 30_000);
    expect(left[1]).to.be.within(29_000, left[0] ?? 0);
  });

  it('is made again by one of the two gateways only: a service that answers 503 sees at most 1.2 times what came', async () => {
    for (const balancer of ['roundRobin', 'leastRequest']) {
      const upstream: Upstream = await servers.upstream((_, res) => void res.writeHead(503).end());
      // Without the breaker, which would end it much sooner.
      const service = { circuitBreaker: { force: 'closed' }, outlier: { maxEjected: '0%' }, balancer };
      const inner = await servers.private(open(upstream.url, { service }));
      const outer = await servers.public(open(inner.url, { service }));
      for (const [gateway, count] of [
        [inner, 1000],
        [outer, 1000],
      ] as const) {
        const before = upstream.requests.length;
        for (let asked = 0; asked < count; asked += 50) await Promise.all(Array.from({ length: 50 }, () => ask(gateway.port)));
        expect(upstream.requests.length - before).to.be.within(1000, 1200);
      }
    }
  }).timeout(60_000);

  it('is not waited for by a client that has left', async () => {
    const upstream = await servers.upstream((_, res) => void res.writeHead(503).end());
    const gateway = await behind([upstream.url], { retry: { backoff: { base: '60s', max: '60s' } }, timeouts: { request: '2m' } });
    const leaving = new AbortController();
    const left = fetch(gateway.url, { signal: leaving.signal }).catch((error: Error) => error.name);
    while (upstream.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect(await left).to.equal('AbortError');
    // It is over for the gateway too, a minute before the next try.
    await eventually(
      () => gateway.logged().map(({ problem }) => problem),
      (problems) => problems.includes('client-closed'),
    );
    expect(upstream.requests.length).to.equal(1);
  });
});
