/** The gateways register themselves with Netflix's own Eureka server, and are found there by who knows it. */
import { expect } from 'chai';
import { eurekaClient, started, stopped } from './eureka/client.ts';
import { type EurekaServer, startEureka } from './eureka/server.ts';
import { openBench } from './support/bench.ts';
import { startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

describe('gateways that register with Eureka', () => {
  const bench = openBench();
  let eureka: EurekaServer;
  let file: string;

  before(async function () {
    this.timeout(240_000);
    eureka = await startEureka(bench, { 'eureka.server.responseCacheUpdateIntervalMs': 200 });
    const place = { host: '127.0.0.1', port: 0 };
    const both = { listen: place, admin: place, drain: { grace: '5s' } };
    const configuration = {
      services: {},
      routes: [],
      public: { ...both, register: { name: 'Edge' } },
      private: { ...both, zone: 'b', register: {} },
      registry: { eureka: [`${eureka.url}/`] },
    };
    file = await bench.file('postern.yaml', JSON.stringify(configuration));
  });
  after(() => bench.clear());

  const asked = async (path: string, accept = 'application/json') => await fetch(`${eureka.url}${path}`, { headers: { accept } });

  it('are UP there, are found by a client by application and by name, and are gone before they close', async () => {
    const inside = await startGateway(bench, 'private-gateway', file);
    await startGateway(bench, 'public-gateway', file);
    for (const app of ['PRIVATE-GATEWAY', 'EDGE']) await until(`${app} to be there`, async () => (await asked(`/apps/${app}`)).ok);
    const { application } = (await (await asked('/apps/private-gateway')).json()) as { application: { instance: object[] } };
    const port = Number(new URL(inside.url).port);
    expect(application.instance).to.have.length(1);
    expect(application.instance[0]).to.deep.include({
      instanceId: `127.0.0.1:private-gateway:${port}`,
      status: 'UP',
      port: { $: port, '@enabled': 'true' },
      securePort: { $: 443, '@enabled': 'false' },
      metadata: { zone: 'b' },
    });
    expect(application.instance[0]).to.have.nested.include({ 'leaseInfo.renewalIntervalInSecs': 30, 'leaseInfo.durationInSecs': 90 });
    expect(await (await asked('/apps/EDGE', 'application/xml')).text()).to.contain('<vipAddress>Edge</vipAddress>');

    const client = eurekaClient(eureka.url, { app: 'tests', id: 'tests-1', port: 1 });
    await started(client);
    bench.undo(() => stopped(client).catch(() => undefined));
    const found = await until('a client to find it', () => {
      const [instance] = client.getInstancesByVipAddress('private-gateway');
      return instance;
    });
    expect(found).to.deep.equal(client.getInstancesByAppId('PRIVATE-GATEWAY')[0]);

    const ended = inside.stop();
    await until('it to be gone', async () => (await asked('/apps/PRIVATE-GATEWAY')).status === 404, 5_000);
    expect((await fetch(inside.url)).status).to.equal(403);
    expect(await ended).to.equal(0);
  });
});
