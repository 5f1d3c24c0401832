/** The embedded registry and Netflix's own Eureka server, each the other's peer. */
import { expect } from 'chai';
import { type EurekaServer, startEureka } from './eureka/server.ts';
import { type Bench, freePort, openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

const configuration = (port: number, peer: number) => `
services: {}
routes: []
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { services: { from: [127.0.0.1] } }
  drain: { grace: 1ms }
  admin: { host: 127.0.0.1, port: 0 }
registry:
  embedded: { port: ${port}, peers: [http://127.0.0.1:${peer}/eureka/], waitWhenEmpty: 0s }
`;

/** With all that an instance can say of itself. */
const whole = (instanceId: string, more: object = {}) => ({
  instanceId,
  hostName: 'orders.internal',
  app: 'ORDERS',
  ipAddr: '10.0.0.1',
  status: 'UP',
  port: { $: 8080, '@enabled': 'true' },
  securePort: { $: 8443, '@enabled': 'true' },
  countryId: 2,
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  leaseInfo: { renewalIntervalInSecs: 7, durationInSecs: 77 },
  metadata: { zone: 'a', 'with space': '<&>', a_b: 'ü' },
  appGroupName: 'SHOP',
  homePageUrl: 'http://orders.internal:8080/',
  statusPageUrl: 'http://orders.internal:8080/info',
  healthCheckUrl: 'http://orders.internal:8080/health',
  secureHealthCheckUrl: 'https://orders.internal:8443/health',
  vipAddress: 'orders,shop',
  secureVipAddress: 'safe',
  asgName: 'orders-v1',
  lastDirtyTimestamp: '1800000000000',
  ...more,
});

const inAmazon = {
  dataCenterInfo: {
    '@class': 'com.netflix.appinfo.AmazonInfo',
    name: 'Amazon',
    metadata: { 'instance-id': 'i-1', 'availability-zone': 'eu-1a', 'public-hostname': 'orders.example' },
  },
};

interface Shown {
  readonly status: string;
  readonly overriddenStatus: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly leaseInfo: { readonly lastRenewalTimestamp: number; readonly renewalIntervalInSecs: number; readonly durationInSecs: number };
}

/** What one of the two says of an instance, and what it is told. */
function at(url: string) {
  const ask = async (method: string, path: string, instance?: object, more: Record<string, string> = {}) => {
    const body = instance ? { body: JSON.stringify({ instance }) } : {};
    const headers = { 'content-type': 'application/json', accept: 'application/json', ...more };
    return await fetch(`${url}${path}`, { method, headers, ...body });
  };
  return {
    async tell(method: string, path: string, instance?: object) {
      const answer = await ask(method, path, instance);
      expect(answer.ok, `${method} ${path}: ${answer.status} ${await answer.text()}`).to.equal(true);
    },
    /** As a peer would, so that it is not told on. */
    async replicate(instance: object) {
      const answer = await ask('POST', '/apps/ORDERS', instance, { 'x-netflix-discovery-replication': 'true' });
      expect(answer.status).to.equal(204);
    },
    async shown(id: string): Promise<Shown | undefined> {
      const answer = await ask('GET', `/apps/ORDERS/${id}`);
      return answer.status === 200 ? ((await answer.json()) as { instance: Shown }).instance : undefined;
    },
  };
}

/** But for what each registry says of itself: when it heard. */
function plain(shown: Shown | undefined): object {
  const { renewalIntervalInSecs, durationInSecs } = shown?.leaseInfo ?? {};
  return { ...shown, leaseInfo: { renewalIntervalInSecs, durationInSecs }, lastUpdatedTimestamp: undefined };
}

const startOurs = async (bench: Bench, port: number, peer: number): Promise<Gateway> =>
  startGateway(bench, 'private-gateway', await bench.file('postern.yaml', configuration(port, peer)));

const startTheirs = (bench: Bench, port: number, peer: number): Promise<EurekaServer> =>
  startEureka(bench, {
    'server.port': port,
    'eureka.client.service-url.defaultZone': `http://127.0.0.1:${peer}/eureka/`,
    // It takes over what its peer has through the client that it is.
    'eureka.client.fetch-registry': 'true',
    // Which Spring has only where the server registers too.
    'eureka.server.registry-sync-retries': 5,
    'eureka.server.registry-sync-retry-wait-ms': 1_000,
    // Else it would take the peer, on the same address, for itself.
    'eureka.instance.hostname': 'eureka.test',
  });

describe("the embedded registry and Netflix's, as peers", function () {
  this.timeout(240_000);
  const bench = openBench();
  let [ourPort, theirPort] = [0, 0];
  let ours: Gateway;
  let theirs: EurekaServer;
  before(async () => {
    [ourPort, theirPort] = [await freePort(), await freePort()];
    theirs = await startTheirs(bench, theirPort, ourPort);
  });
  after(() => bench.clear());
  const here = () => at(`http://127.0.0.1:${ourPort}/eureka`);
  const there = () => at(theirs.url);

  it('ours takes over what theirs has when it starts', async () => {
    await there().tell('POST', '/apps/ORDERS', whole('early'));
    await there().tell('PUT', '/apps/ORDERS/early/status?value=OUT_OF_SERVICE');
    ours = await startOurs(bench, ourPort, theirPort);
    await until('it to be synced', () => ours.records().some(({ event }) => event === 'registry-synced'));
    expect((await here().shown('early'))?.overriddenStatus).to.equal('OUT_OF_SERVICE');
    expect(plain(await here().shown('early'))).to.deep.equal({ ...plain(await there().shown('early')), actionType: 'ADDED' });
    await there().tell('DELETE', '/apps/ORDERS/early');
    await until('it to be cancelled', async () => !(await here().shown('early')), 40_000);
  });

  for (const [name, from, to] of [
    ['ours tells theirs', here, there],
    ['theirs tells ours', there, here],
  ] as const) {
    describe(name, () => {
      const id = name.replaceAll(' ', '-');
      const hears = (what: string, right: (shown: Shown | undefined) => boolean) =>
        until(what, async () => right(await to().shown(id)), 40_000);

      it('who registers, with all that it says of itself', async () => {
        for (const each of [whole(id), whole(`${id}-in-amazon`, inAmazon)]) {
          await from().tell('POST', '/apps/ORDERS', each);
          await until(`${each.instanceId} to be known`, () => to().shown(each.instanceId), 40_000);
          expect(plain(await to().shown(each.instanceId))).to.deep.equal(plain(await from().shown(each.instanceId)));
        }
      });

      it('who beats', async () => {
        const before = (await to().shown(id))?.leaseInfo.lastRenewalTimestamp ?? 0;
        await from().tell('PUT', `/apps/ORDERS/${id}?status=UP&lastDirtyTimestamp=1800000000000`);
        await hears('a heartbeat', (shown) => (shown?.leaseInfo.lastRenewalTimestamp ?? 0) > before);
      });

      it('of overrides and their end', async () => {
        await from().tell('PUT', `/apps/ORDERS/${id}/status?value=OUT_OF_SERVICE`);
        await hears('an override', (shown) => shown?.status === 'OUT_OF_SERVICE' && shown.overriddenStatus === 'OUT_OF_SERVICE');
        await from().tell('DELETE', `/apps/ORDERS/${id}/status?value=UP`);
        await hears('its end', (shown) => shown?.status === 'UP' && shown.overriddenStatus === 'UNKNOWN');
      });

      it('of metadata', async () => {
        await from().tell('PUT', `/apps/ORDERS/${id}/metadata?weight=3`);
        await hears('metadata', (shown) => shown?.metadata['weight'] === '3');
      });

      it('who goes', async () => {
        await from().tell('DELETE', `/apps/ORDERS/${id}`);
        await hears('a cancellation', (shown) => shown === undefined);
      });
    });
  }

  it('of two registrations both have the newer one in the end, wherever it is', async () => {
    const zones = async () => [(await here().shown('both'))?.metadata['zone'], (await there().shown('both'))?.metadata['zone']];
    const both = (lastDirtyTimestamp: string, zone: string) => whole('both', { lastDirtyTimestamp, metadata: { zone } });
    await here().replicate(both('1', 'old'));
    await there().replicate(both('2', 'new'));
    await here().tell('PUT', '/apps/ORDERS/both?lastDirtyTimestamp=1');
    await until('ours to take in what theirs has', async () => (await zones()).join() === 'new,new', 40_000);
    await here().replicate(both('3', 'newest'));
    await here().tell('PUT', '/apps/ORDERS/both?lastDirtyTimestamp=3');
    await until('theirs to be told', async () => (await zones()).join() === 'newest,newest', 40_000);
    await there().tell('DELETE', '/apps/ORDERS/both');
    await until('it to be cancelled', async () => !(await here().shown('both')), 40_000);
  });

  it('theirs takes over what ours has when it starts', async () => {
    await theirs.stop();
    await here().replicate(whole('late'));
    theirs = await startTheirs(bench, theirPort, ourPort);
    await until('it to have it', () => there().shown('late'), 40_000);
    expect((await there().shown('late'))?.status).to.equal('UP');
    expect(ours.records().filter(({ event }) => event === 'registry-fault')).to.deep.equal([]);
  });
});
