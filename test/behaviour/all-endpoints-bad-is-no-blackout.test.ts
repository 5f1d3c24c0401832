import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('health checks', () => {
  const servers = serversOfThisSuite();
  let sick: boolean[];
  let upstreams: Upstream[];
  let gateway: TestGateway;

  before(async () => {
    sick = [false, false, false, false];
    const clock = testClock();
    const start = (_: boolean, index: number) =>
      servers.upstream(({ url }, res) => {
        // The time of the next check has come when this one is over.
        if (url === '/health') clock.advance(5_500);
        res.writeHead(url === '/health' && sick[index] ? 503 : 200).end();
      });
    upstreams = await Promise.all(sick.map(start));
    const endpoints = upstreams.map(({ url }) => url);
    const service = { endpoints, balancer: 'roundRobin', healthCheck: { path: '/health' } };
    gateway = await servers.public(open('', { service }), { clock });
  });

  const healthy = async () => (await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ value }) => value);

  /** Makes those sick, waits until the checks have found out, and asks twelve times: how many requests each endpoint got. */
  const shares = async (...whom: number[]) => {
    sick = sick.map((_, index) => whom.includes(index));
    const expected = String(sick.map((is) => (is ? 0 : 1)));
    await eventually(healthy, (values) => String(values) === expected);
    const got = () => upstreams.map(({ requests }) => requests.filter(({ url }) => url === '/asked').length);
    const before = got();
    for (let asked = 0; asked < 12; asked += 1) expect((await ask(gateway.port, '/asked')).status).to.equal(200);
    return got().map((count, index) => count - (before[index] ?? 0));
  };

  it('that call some sick keep requests from those', async () => {
    expect(await shares(0)).to.deep.equal([0, 4, 4, 4]);
    expect(await shares(1, 3)).to.deep.equal([6, 0, 6, 0]);
  });

  it('that call most of them sick, or all, are not believed: every endpoint is asked', async () => {
    for (const whom of [
      [0, 1, 2],
      [0, 1, 2, 3],
    ])
      for (const share of await shares(...whom)) expect(share).to.be.within(2, 4);
  });

  it('that find enough of them well are believed again', async () => {
    expect(await shares(2, 3)).to.deep.equal([6, 6, 0, 0]);
    for (const share of await shares()) expect(share).to.be.within(2, 4);
  });
});

describe('endpoints that fail, every one', () => {
  const servers = serversOfThisSuite();

  it('are still asked: ejection leaves most of them, and never the only one', async () => {
    const failing = () => servers.upstream((_, res) => void res.writeHead(500).end());
    for (const count of [1, 2, 3]) {
      const upstreams = await Promise.all(Array.from({ length: count }, failing));
      const endpoints = upstreams.map(({ url }) => url);
      // Without the breaker, which is meant to refuse.
      const service = { endpoints, balancer: 'roundRobin', circuitBreaker: { force: 'closed' }, outlier: { maxEjected: '100%' } };
      const gateway = await servers.public(open('', { service }));
      for (let asked = 0; asked < 60; asked += 1) expect((await ask(gateway.port)).status).to.equal(500);
      const got = upstreams.map(({ requests }) => requests.length);
      expect(got.reduce((sum, each) => sum + each)).to.equal(60);
      for (const each of got) expect(each).to.be.at.least(5);
    }
  });
});
