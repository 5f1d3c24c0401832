import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { freePorts } from '../support/free-ports.ts';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import type { Collector } from './support/collector.ts';
import { type Sample, type Scraped, scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Metrics tell how services fail and what the gateway does about it', () => {
  const servers = serversOfThisSuite();
  const clock = testClock();
  let collector: Collector;
  let gateway: TestGateway;
  let goodPort: number;
  let deadPort: number;
  let early: Scraped;
  let scraped: Scraped;

  before(async () => {
    collector = await servers.collector();
    const good = await servers.upstream();
    const refusing = await servers.upstream((_, res) => void res.writeHead(503).end());
    goodPort = good.port;
    deadPort = (await freePorts(1))[0] ?? 0;
    const sticky = { cookie: 'stuck' };
    gateway = await servers.public(
      {
        services: {
          orders: { endpoints: [`http://127.0.0.1:${deadPort}`, good.url], balancer: 'roundRobin', sticky },
          search: { endpoints: [refusing.url], circuitBreaker: { requestVolume: 4 } },
          keyed: { endpoints: [good.url], balancer: 'consistentHash', hashOn: { header: 'x-session' } },
        },
        routes: ['orders', 'search', 'keyed'].map((name) => ({
          name,
          match: { pathPrefix: `/${name}` },
          service: name,
          expose: { public: { access: 'anonymous' } },
        })),
        telemetry: { otlp: collector.url },
      },
      { clock },
    );
    const inventions = async (from: number, to: number) => {
      for (let number = from; number < to; number += 1) {
        const headers = { host: `h${number}.example`, cookie: `stuck=value${number}`, 'x-session': `s${number}` };
        for (const name of ['orders', 'search', 'keyed'])
          for (const method of ['GET', 'PUT', `M${number}`]) await ask(gateway.port, `/${name}/${number}`, { method, headers });
      }
    };
    await inventions(0, 5);
    early = await scrape(gateway.admin);
    await inventions(5, 15);
    clock.advance(5_000);
    await inventions(15, 16);
    scraped = await scrape(gateway.admin);
    await gateway.stop();
  });

  const shown = (samples: readonly Sample[]) => samples.map(({ labels, value }) => ({ ...labels, value }));
  const ofService = (name: string) => ({ gateway_service_name: name });

  it('tries made again, by their reason, and how many more there may be', () => {
    const retries = shown(scraped.named('gateway_retry_attempts_total'));
    expect(retries.map(({ value: _, ...labels }) => labels)).to.have.deep.members([
      { ...ofService('orders'), reason: 'connect' },
      { ...ofService('search'), reason: '503' },
    ]);
    const balances = shown(scraped.named('gateway_retry_budget_balance'));
    expect(balances.map(({ value: _, ...labels }) => labels)).to.have.deep.members(['orders', 'search', 'keyed'].map(ofService));
    for (const { value } of balances) expect(value).to.be.at.least(0);
  });

  it('the state of each breaker, and its changes by the state they led to', () => {
    expect(shown(scraped.named('gateway_circuit_breaker_state'))).to.have.deep.members([
      { ...ofService('orders'), value: 0 },
      { ...ofService('search'), value: 2 },
      { ...ofService('keyed'), value: 0 },
    ]);
    expect(shown(scraped.named('gateway_circuit_breaker_transitions_total'))).to.have.deep.members([
      { ...ofService('search'), gateway_circuit_breaker_state: 'open', value: 2 },
      { ...ofService('search'), gateway_circuit_breaker_state: 'half-open', value: 1 },
    ]);
  });

  it('each endpoint of the configuration, whether it is in the rotation, and how often any was not', () => {
    const endpoint = (port: number) => ({ gateway_endpoint_address: `127.0.0.1:${port}` });
    const health = shown(scraped.named('gateway_endpoint_health'));
    expect(health).to.deep.include({ ...ofService('orders'), ...endpoint(deadPort), value: 0 });
    expect(health).to.deep.include({ ...ofService('orders'), ...endpoint(goodPort), value: 1 });
    expect(health.length).to.equal(4);
    expect(shown(scraped.named('gateway_endpoint_ejections_total'))).to.deep.equal([{ ...ofService('orders'), value: 1 }]);
  });

  it('as counters and gauges', () => {
    expect(scraped.types).to.include({
      gateway_retry_attempts_total: 'counter',
      gateway_retry_budget_balance: 'gauge',
      gateway_circuit_breaker_state: 'gauge',
      gateway_circuit_breaker_transitions_total: 'counter',
      gateway_endpoint_ejections_total: 'counter',
      gateway_endpoint_health: 'gauge',
      gateway_concurrency_limit_limit: 'gauge',
      gateway_concurrency_limit_in_flight: 'gauge',
    });
  });

  it('and the same by OTLP', () => {
    const sent = new Map(collector.metrics.map(({ name, unit, kind }) => [name, `${kind} of ${unit}`]));
    expect(Object.fromEntries(sent)).to.include({
      'gateway.retry.attempts': 'counter of {attempt}',
      'gateway.retry_budget.balance': 'gauge of {retry}',
      'gateway.circuit_breaker.state': 'gauge of ',
      'gateway.circuit_breaker.transitions': 'counter of {transition}',
      'gateway.endpoint.ejections': 'counter of {ejection}',
      'gateway.endpoint.health': 'gauge of ',
      'gateway.concurrency_limit.limit': 'gauge of {request}',
      'gateway.concurrency_limit.in_flight': 'gauge of {request}',
    });
  });

  it('in no more series however many cookies, keys and methods clients invent', () => {
    const ours = ({ samples }: Scraped) =>
      samples
        .filter(({ name }) => /^gateway_(retry|circuit|endpoint|concurrency)/.test(name))
        .map(({ name, labels }) => JSON.stringify({ name, labels }));
    const more = ours(scraped).filter((series) => !ours(early).includes(series));
    expect(more).to.deep.equal([
      JSON.stringify({
        name: 'gateway_circuit_breaker_transitions_total',
        labels: { gateway_service_name: 'search', gateway_circuit_breaker_state: 'half-open' },
      }),
    ]);
  });
});
