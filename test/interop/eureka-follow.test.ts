/** Both gateways follow a cluster of Netflix's own Eureka servers: who is registered there is called, whatever it was written with. */
import { expect } from 'chai';
import { eurekaClient, started, stopped } from './eureka/client.ts';
import { instancesOf } from './eureka/instances.ts';
import { type Load, startLoad } from './eureka/load.ts';
import { type Call, type Pair, startPair, whoAnswers } from './eureka/pair.ts';
import { type Recorder, startRecorder } from './eureka/recorder.ts';
import { type EurekaServer, startEureka } from './eureka/server.ts';
import { startService } from './eureka/service.ts';
import { startUpstream } from './eureka/upstream.ts';
import { freePort, openBench } from './support/bench.ts';
import { until } from './support/until.ts';

describe('gateways that follow a cluster of Eureka', () => {
  const bench = openBench();
  let first: EurekaServer;
  let second: EurekaServer;
  let recorder: Recorder;
  let pair: Pair;
  let gateways: readonly Call[];
  const loads: Load[] = [];
  let startSecond: () => Promise<EurekaServer>;

  before(async function () {
    this.timeout(240_000);
    const [one, other, nobody] = [await freePort(), await freePort(), await freePort()];
    const url = (port: number) => `http://127.0.0.1:${port}/eureka`;
    const options = (port: number, peer: number) => ({ 'server.port': port, 'eureka.client.service-url.defaultZone': `${url(peer)}/` });
    startSecond = () => startEureka(bench, options(other, one));
    startService(bench, `${url(one)}/,${url(other)}`, { app: 'stock', id: 'stock-1' });
    [first, second] = await Promise.all([startEureka(bench, options(one, other)), startSecond()]);
    recorder = await startRecorder(bench, first.url);
    pair = await startPair(bench, {
      registry: { eureka: [url(nobody), recorder.url, second.url] },
      services: { stock: {}, prices: {}, orders: { balancer: 'roundRobin' } },
    });
    gateways = [pair.asUser, pair.asCaller];
  });
  after(() => bench.clear());

  /** Asks a Eureka server, as an operator or a service would. */
  async function tell(server: EurekaServer, request: string, instance?: object): Promise<void> {
    const [method = '', path = ''] = request.split(' ');
    const body = instance ? { body: JSON.stringify({ instance }), headers: { 'content-type': 'application/json' } } : {};
    expect((await fetch(`${server.url}${path}`, { method, ...body })).ok, request).to.equal(true);
  }

  async function register(server: EurekaServer, id: string): Promise<void> {
    await tell(server, 'POST /apps/ORDERS', {
      instanceId: id,
      hostName: '127.0.0.1',
      app: 'ORDERS',
      ipAddr: '127.0.0.1',
      status: 'UP',
      port: { $: await startUpstream(bench, id), '@enabled': 'true' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    });
  }

  /** Waits until both gateways call these and no other; every request on the way there is answered, once there is anybody. */
  async function called(path: string, ...expected: string[]): Promise<void> {
    for (const gateway of gateways) {
      await until(`${path} to be found`, async () => (await gateway(path)).status === 200);
      await until(`${expected.join(' and ')} to be called`, async () => {
        const answering = new Set(await whoAnswers(gateway, path, 2 * expected.length));
        return answering.size === expected.length && expected.every((instance) => answering.has(instance));
      });
    }
  }

  it('find what Spring, eureka-js-client and a script registered, though the first server is dead', async () => {
    // Which server it is told makes no difference: the servers tell one another.
    const prices = eurekaClient(second.url, { app: 'prices', id: 'prices-1', port: await startUpstream(bench, 'prices-1') });
    await started(prices);
    bench.undo(() => stopped(prices).catch(() => undefined));
    await register(first, 'orders-1');
    await called('/prices', 'prices-1');
    await called('/orders', 'orders-1');
    await called('/stock', 'stock-1');
    expect(await pair.asStranger('/stock')).to.equal(403);
    for (const gateway of gateways) loads.push(...['/orders', '/prices', '/stock'].map((path) => startLoad(() => gateway(path))));
  });

  it('learn by delta who comes, is out of service, comes back and goes', async () => {
    const full = () => recorder.asked.filter((asked) => asked === 'GET /eureka/apps').length;
    const deltas = () => recorder.asked.filter((asked) => asked === 'GET /eureka/apps/delta').length;
    const [fullBefore, deltasBefore] = [full(), deltas()];
    await register(first, 'orders-2');
    await called('/orders', 'orders-1', 'orders-2');
    await tell(first, 'PUT /apps/ORDERS/orders-1/status?value=OUT_OF_SERVICE');
    await called('/orders', 'orders-2');
    await tell(first, 'DELETE /apps/ORDERS/orders-1/status?value=UP');
    await called('/orders', 'orders-1', 'orders-2');
    await tell(first, 'DELETE /apps/ORDERS/orders-2');
    await called('/orders', 'orders-1');
    expect(deltas()).to.be.greaterThan(deltasBefore);
    expect(full()).to.equal(fullBefore);
  });

  it('ask another server when theirs is gone', async () => {
    const known = async () => (await instancesOf(second.url, 'orders')).map(({ instanceId, status }) => `${instanceId} ${status}`);
    await until('the second to know what the first was told', async () => String(await known()) === 'orders-1 UP');
    await first.stop();
    await register(second, 'orders-3');
    await called('/orders', 'orders-1', 'orders-3');
    await called('/prices', 'prices-1');
    await called('/stock', 'stock-1');
  });

  it('go on with what they know while there is no server, and say so', async () => {
    await second.stop();
    for (const { records } of [pair.edge, pair.inside])
      await until('it to be logged', () => records().some(({ event }) => event === 'registry-failing'));
    for (const { admin } of [pair.edge, pair.inside])
      expect(await (await fetch(`${admin}/metrics`)).text()).to.match(/^gateway_registry_stale\{.*"orders".*\} 1$/m);
    await called('/orders', 'orders-1', 'orders-3');
    await called('/prices', 'prices-1');
    await called('/stock', 'stock-1');
  });

  it('go on when a server comes back that knows nobody yet', async () => {
    second = await startSecond();
    for (const { records } of [pair.edge, pair.inside])
      await until('it to be logged', () => records().some(({ event }) => event === 'registry-answers'));
    await called('/orders', 'orders-1', 'orders-3');
    await called('/prices', 'prices-1');
    await called('/stock', 'stock-1');
    await register(second, 'orders-4');
    await called('/orders', 'orders-1', 'orders-3', 'orders-4');
  });

  it('answered every request all the while', async () => {
    await Promise.all(loads.map((load) => load.stop()));
    for (const { answers } of loads) {
      expect(answers.length).to.be.greaterThan(100);
      expect(answers.filter(({ status }) => status !== 200)).to.deep.equal([]);
    }
  });
});
