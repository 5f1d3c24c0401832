/** The embedded registry beside Netflix's own Eureka server, and with a client of Eureka that others wrote. */
import { expect } from 'chai';
import { eurekaClient, started, stopped } from './eureka/client.ts';
import { compare } from './eureka/comparison.ts';
import { instancesOf } from './eureka/instances.ts';
import { startEureka } from './eureka/server.ts';
import { openBench } from './support/bench.ts';
import { startGateway } from './support/gateway.ts';
import { until } from './support/until.ts';

/** @param embedded settings beside its address */
const configuration = (embedded: object): string => `
services: {}
routes: []
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { services: { from: [127.0.0.1] } }
  drain: { grace: 1ms }
  admin: { host: 127.0.0.1, port: 0 }
registry:
  embedded: ${JSON.stringify({ host: '127.0.0.1', port: 0, ...embedded })}
`;

describe('the embedded registry', () => {
  const bench = openBench();
  let registry: string;

  const start = async (embedded: object = {}): Promise<string> => {
    const gateway = await startGateway(bench, 'private-gateway', await bench.file('postern.yaml', configuration(embedded)));
    return String(gateway.records().find(({ event }) => event === 'listening')?.['registry']);
  };
  before(async () => {
    registry = await start();
  });
  after(() => bench.clear());

  const instances = (app: string) => instancesOf(registry, app);

  it('has eureka-js-client register, beat, find others by delta, and go', async () => {
    const orders = eurekaClient(registry, { app: 'orders', id: 'orders-1', port: 4001 });
    await started(orders);
    bench.undo(() => stopped(orders).catch(() => undefined));
    const [first] = await instances('orders');
    expect(first).to.deep.include({ instanceId: 'orders-1', status: 'UP', port: { $: 4001, '@enabled': 'true' } });
    const renewed = async () => (await instances('orders'))[0]?.leaseInfo.lastRenewalTimestamp ?? 0;
    const before = await renewed();
    await until('a heartbeat', async () => (await renewed()) > before);

    const users = eurekaClient(registry, { app: 'users', id: 'users-1', port: 4002 });
    await started(users);
    bench.undo(() => stopped(users).catch(() => undefined));
    expect(users.getInstancesByAppId('orders').map(({ instanceId }) => instanceId)).to.deep.equal(['orders-1']);
    await until('the first to hear of the second', () => orders.getInstancesByVipAddress('users').length === 1);

    await stopped(users);
    expect(await instances('users')).to.deep.equal([]);
    await until('the first to hear that the second went', () => orders.getInstancesByVipAddress('users').length === 0);
    await stopped(orders);
    expect(await instances('orders')).to.deep.equal([]);
  });

  it('lets one that was killed go when its lease is over', async () => {
    const script = new URL('./eureka/client.ts', import.meta.url).pathname;
    const program = bench.start(process.execPath, [script, registry, 'mortal', 'mortal-1', '4003']);
    await until('it to register', async () => (await instances('mortal')).length === 1);
    process.kill(program.pid, 'SIGKILL');
    await until('it to be gone', async () => (await instances('mortal')).length === 0, 30_000);
  });

  it("answers as Netflix's server does, but for times and where it knows better", async () => {
    const [{ url }, postern, strict] = await Promise.all([startEureka(bench), start(), start({ strictEureka: true })]);
    const { table, surprises } = await compare({ eureka: url, postern, strict });
    console.log(table);
    expect(surprises.join('\n')).to.equal('');
  });

  it("is a peer of Netflix's server, and has its Java client register, beat and go", async function () {
    this.timeout(300_000);
    const eureka = await startEureka(bench, {
      'eureka.client.service-url.defaultZone': `${registry}/`,
      'eureka.client.register-with-eureka': 'true',
      'eureka.client.fetch-registry': 'true',
      'eureka.instance.hostname': 'eureka.test',
      'eureka.instance.instance-id': 'java-1',
      'eureka.instance.lease-renewal-interval-in-seconds': 1,
      'eureka.instance.metadata-map.zone': 'a',
    });
    await until('the Java client to register', async () => (await instances('eureka-server'))[0]?.status === 'UP', 60_000);
    expect((await instances('eureka-server'))[0]).to.deep.include({ instanceId: 'java-1', hostName: 'eureka.test', app: 'EUREKA-SERVER' });
    const renewed = async () => (await instances('eureka-server'))[0]?.leaseInfo.lastRenewalTimestamp ?? 0;
    const before = await renewed();
    await until('it to beat', async () => (await renewed()) > before);

    const there = async (method: string, path: string, instance?: object) => {
      const body = instance ? { body: JSON.stringify({ instance }), headers: { 'content-type': 'application/json' } } : {};
      expect((await fetch(`${eureka.url}${path}`, { method, ...body })).ok, `${method} ${path}`).to.equal(true);
    };
    await there('POST', '/apps/peered', {
      instanceId: 'p-1',
      hostName: 'p',
      app: 'peered',
      ipAddr: '10.0.0.1',
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    });
    await until('a registration to be replicated', async () => (await instances('peered'))[0]?.status === 'UP');
    await there('PUT', '/apps/PEERED/p-1/status?value=OUT_OF_SERVICE');
    await until('an override to be replicated', async () => (await instances('peered'))[0]?.status === 'OUT_OF_SERVICE');
    await there('DELETE', '/apps/PEERED/p-1');
    await until('a cancellation to be replicated', async () => (await instances('peered')).length === 0);

    await eureka.stop();
    expect(await instances('eureka-server')).to.deep.equal([]);
  });
});
