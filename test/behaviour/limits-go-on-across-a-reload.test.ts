import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { type Given, open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what was counted before a reload', () => {
  const servers = serversOfThisSuite();
  const reload = async (gateway: TestGateway, given: Given) => {
    gateway.rewrite(given);
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
  };
  const statusOf = async (gateway: TestGateway) => (await ask(gateway.port, '/')).status;

  it('counts for a rate limit that stays, and not for one that does not', async () => {
    const { url } = await servers.upstream();
    const given = (limit: string, balancer: string) => open(url, { public: { rateLimit: limit }, service: { balancer } });
    const gateway = await servers.public(given('3/h', 'random'));
    expect([await statusOf(gateway), await statusOf(gateway)]).to.deep.equal([200, 200]);
    await reload(gateway, given('3/h', 'roundRobin'));
    // Nobody has asked in between.
    await reload(gateway, given('3/h', 'random'));
    expect([await statusOf(gateway), await statusOf(gateway)]).to.deep.equal([200, 429]);
    await reload(gateway, given('4/h', 'random'));
    expect(await statusOf(gateway)).to.equal(200);
  });

  it('counts for the places of a service, whatever else of it changes', async () => {
    const held: ServerResponse[] = [];
    const upstream = await servers.upstream((_, res) => held.push(res));
    const given = (attempt: string, limit = 1) =>
      open(upstream.url, { service: { timeouts: { attempt }, concurrency: { limit }, retry: { attempts: 0 } } });
    const gateway = await servers.public(given('10s'));
    const first = ask(gateway.port, '/');
    await eventually(
      () => held.length,
      (count) => count === 1,
    );
    await reload(gateway, given('11s'));
    expect(await statusOf(gateway)).to.equal(503);
    held[0]?.end();
    expect((await first).status).to.equal(200);
    const second = ask(gateway.port, '/');
    await eventually(
      () => held.length,
      (count) => count === 2,
    );
    held[1]?.end();
    expect((await second).status).to.equal(200);
  });

  it('counts for a circuit breaker', async () => {
    const upstream = await servers.upstream((_, res) => res.writeHead(500).end());
    const given = (attempt: string, sleepWindow = '1h') =>
      open(upstream.url, { service: { timeouts: { attempt }, circuitBreaker: { requestVolume: 3, sleepWindow }, retry: { attempts: 0 } } });
    const gateway = await servers.public(given('10s'));
    for (let count = 0; count < 3; count += 1) expect(await statusOf(gateway)).to.equal(500);
    expect(await statusOf(gateway)).to.equal(503);
    await reload(gateway, given('11s'));
    expect(await statusOf(gateway)).to.equal(503);
    await reload(gateway, given('11s', '2h'));
    expect(await statusOf(gateway)).to.equal(500);
  });

  it('keeps an ejected endpoint out, and lets it come back', async () => {
    let broken = true;
    const bad = await servers.upstream((_, res) => res.writeHead(broken ? 500 : 200).end());
    const good = await servers.upstream((_, res) => res.end());
    const given = (attempt: string, baseEjection = '1h') =>
      ({
        ...open(good.url),
        services: {
          upstream: {
            endpoints: [bad.url, good.url],
            balancer: 'roundRobin',
            timeouts: { attempt },
            retry: { attempts: 0 },
            outlier: { consecutiveErrors: 1, baseEjection, maxEjected: '50%', panicThreshold: '0%' },
          },
        },
      }) satisfies Given;
    const gateway = await servers.public(given('10s', '100ms'));
    await eventually(
      () => statusOf(gateway),
      (status) => status === 500,
    );
    await reload(gateway, given('11s', '100ms'));
    broken = false;
    const asked = bad.requests.length;
    await eventually(
      () => statusOf(gateway).then(() => bad.requests.length),
      (count) => count > asked,
    );
    await eventually(
      async () => (await fetch(`${gateway.admin}/metrics`)).text(),
      (text) =>
        text.includes(`gateway_endpoint_health{gateway_service_name="upstream",gateway_endpoint_address="127.0.0.1:${bad.port}"} 1`),
    );
  });
});
