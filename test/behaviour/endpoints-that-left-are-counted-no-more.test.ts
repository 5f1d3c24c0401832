import { expect } from 'chai';
import { eurekaInstance, startEurekaServer } from '../support/eureka-server.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Endpoints that left are counted no more', () => {
  const servers = serversOfThisSuite();

  it('so that those that come and go for weeks do not use up what there is of series', async () => {
    const eureka = await startEurekaServer();
    servers.defer(() => eureka.close());
    const [staying, leaving] = [await servers.upstream(), await servers.upstream()];
    const gateway = await servers.private({
      ...open(''),
      services: { upstream: { registry: 'eureka', name: 'STOCK', refresh: '20ms', balancer: 'roundRobin' } },
      registry: { eureka: [eureka.url] },
    });
    /** How many tries each endpoint's series count, by port. */
    const counted = async () => {
      const series = (await scrape(gateway.admin)).named('http_client_request_duration_seconds_count');
      return Object.fromEntries(series.map(({ labels, value }) => [labels['server_port'] ?? '', value]));
    };
    const askUntilBothCount = () =>
      eventually(
        async () => {
          await ask(gateway.port);
          return counted();
        },
        (now) => (now[staying.port] ?? 0) > 2 && (now[leaving.port] ?? 0) > 2,
      );
    eureka.set(eurekaInstance('STOCK', staying.port));
    eureka.set(eurekaInstance('STOCK', leaving.port));
    const before = await askUntilBothCount();
    eureka.delete(eurekaInstance('STOCK', leaving.port).instanceId);
    const after = await eventually(counted, (now) => now[leaving.port] === undefined);
    expect(after[staying.port]).to.equal(before[staying.port]);
    const health = (await scrape(gateway.admin)).named('gateway_endpoint_health');
    expect(health.map(({ labels, value }) => [labels['gateway_endpoint_address'], value])).to.deep.equal([
      [`127.0.0.1:${staying.port}`, 1],
    ]);
    const asked = leaving.requests.length;

    eureka.set(eurekaInstance('STOCK', leaving.port));
    const again = await askUntilBothCount();
    expect(again).to.deep.equal({ [staying.port]: staying.requests.length, [leaving.port]: leaving.requests.length - asked });
  });
});
