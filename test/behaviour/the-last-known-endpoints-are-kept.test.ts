import { expect } from 'chai';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { type EurekaServer, eurekaInstance, startEurekaServer } from '../support/eureka-server.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('The last known endpoints are kept', () => {
  const servers = serversOfThisSuite();
  let dns: DnsServer;
  let eureka: EurekaServer;

  beforeEach(async () => {
    dns = await startDnsServer();
    eureka = await startEurekaServer();
    // Those of this test, whatever the next one puts in their place.
    servers.defer(dns.close);
    servers.defer(eureka.close);
  });

  const start = (service: object): Promise<TestGateway> =>
    servers.public({
      ...open('', { service: { endpoints: undefined, refresh: '20ms', ...service } }),
      registry: { eureka: [eureka.url], dns: { servers: [dns.address] } },
    });
  const ready = async (gateway: TestGateway) => {
    const response = await fetch(`${gateway.admin}/readyz?verbose`);
    return { status: response.status, text: await response.text() };
  };
  const stale = async (gateway: TestGateway) => (await scrape(gateway.admin)).named('gateway_registry_stale').map(({ value }) => value);
  const events = (gateway: TestGateway, wanted: string) => gateway.logged().filter(({ event }) => event === wanted);

  it('while the registry is down, which is told once, and by metrics and readiness', async () => {
    const upstream = await servers.upstream();
    eureka.set(eurekaInstance('UPSTREAM', upstream.port));
    const gateway = await start({ registry: 'eureka' });
    await eventually(
      () => ready(gateway),
      ({ status }) => status === 200,
    );
    expect((await ready(gateway)).text).to.contain('[+]endpoints-of-upstream ok (1)\n');
    expect(await stale(gateway)).to.deep.equal([0]);

    eureka.status = 503;
    await eventually(
      () => stale(gateway),
      ([value]) => value === 1,
    );
    const asked = eureka.asked.length;
    await eventually(
      () => eureka.asked.length,
      (now) => now > asked + 4,
    );
    expect((await ask(gateway.port)).status).to.equal(200);
    const { status, text } = await ready(gateway);
    expect(status).to.equal(200);
    expect(text).to.match(/^\[\+\]endpoints-of-upstream ok \(stale for \d+ s, the last known 1 are kept: http:.*answered 503\)$/m);

    eureka.status = 200;
    await eventually(
      () => stale(gateway),
      ([value]) => value === 0,
    );
    await gateway.drain();
    expect(events(gateway, 'registry-failing')).to.have.length(1);
    expect(events(gateway, 'registry-failing')[0]).to.include({ service: 'upstream', kept: 1 });
    expect(events(gateway, 'registry-answers')).to.have.length(1);
  });

  it('when DNS has lost the name', async () => {
    const upstream = await servers.upstream();
    dns.records.set('search.internal', ['127.0.0.1']);
    const gateway = await start({ registry: 'dns', name: `search.internal:${upstream.port}` });
    await eventually(
      () => ask(gateway.port),
      ({ status }) => status === 200,
    );
    dns.records.clear();
    await eventually(
      () => stale(gateway),
      ([value]) => value === 1,
    );
    expect((await ask(gateway.port)).status).to.equal(200);
  });

  it('but before the first answer there are none: 503, not ready, and no breaker that opens over it', async () => {
    const upstream = await servers.upstream();
    dns.trouble = 'silent';
    const gateway = await start({ registry: 'dns', name: `search.internal:${upstream.port}`, circuitBreaker: { requestVolume: 1 } });
    for (let asked = 0; asked < 5; asked += 1) {
      const answer = await ask(gateway.port);
      expect(answer).to.include({ status: 503 });
      expect(answer.header('retry-after')).to.equal('1');
    }
    const { status, text } = await ready(gateway);
    expect(status).to.equal(503);
    expect(text).to.contain('[-]endpoints-of-upstream failed (no answer yet)\n');
    dns.trouble = 'none';
    dns.records.set('search.internal', ['127.0.0.1']);
    await eventually(
      () => ready(gateway),
      (now) => now.status === 200 && now.text.includes('ok (1)'),
      8_000,
    );
    expect((await ask(gateway.port)).status).to.equal(200);
  });

  it('and a registry that is down from the start keeps no gateway from being ready', async () => {
    eureka.status = 500;
    const gateway = await start({ registry: 'eureka' });
    const { text } = await eventually(
      () => ready(gateway),
      ({ status }) => status === 200,
    );
    expect(text).to.contain('none is known');
    expect((await ask(gateway.port)).status).to.equal(503);
  });
});
