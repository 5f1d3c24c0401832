/** Services of Spring Cloud and of eureka-js-client, which know nothing of the gateways: they register, are called through both, and go. */
import { expect } from 'chai';
import { eurekaClient, started, stopped } from './eureka/client.ts';
import { instancesOf } from './eureka/instances.ts';
import { startLoad } from './eureka/load.ts';
import { type Answer, call, type Pair, startPair, whoAnswers } from './eureka/pair.ts';
import { startService } from './eureka/service.ts';
import { startUpstream } from './eureka/upstream.ts';
import { freePort, openBench } from './support/bench.ts';
import type { Program } from './support/program.ts';
import { until } from './support/until.ts';

describe('services of Spring Cloud, registered with the private gateway', () => {
  const bench = openBench();
  let registry: string;
  let pair: Pair;
  let first: Program;

  before(async function () {
    this.timeout(180_000);
    const port = await freePort();
    registry = `http://127.0.0.1:${port}/eureka`;
    pair = await startPair(bench, {
      registry: { embedded: { port } },
      services: { stock: { balancer: 'roundRobin' }, prices: {} },
      zone: 'a',
    });
    first = startService(bench, registry, { app: 'stock', id: 'stock-a', metadata: { zone: 'a' } });
    startService(bench, registry, { app: 'stock', id: 'stock-b', metadata: { zone: 'b', weight: 3 } });
    const up = async () => (await instancesOf(registry, 'stock')).filter(({ status }) => status === 'UP').length === 2;
    await until('both instances to register', up, 150_000);
    // Outside only what a caller gets says that both are known.
    for (const gateway of gateways()) await until('it to be found', async () => (await gateway('/stock')).status === 200);
    await until('both to be found', async () => new Set(await whoAnswers(pair.asUser, '/stock', 4)).size === 2);
  });
  after(() => bench.clear());

  const gateways = () => [pair.asUser, pair.asCaller];
  const post = { method: 'POST', body: '{"nails":3}', headers: { 'content-type': 'application/json' } };
  const instanceIn = ({ body }: Answer) => (body as { instance?: string }).instance ?? '';

  it('say where they are and what they bring, and beat', async () => {
    const found = async (id: string) => (await instancesOf(registry, 'stock')).find(({ instanceId }) => instanceId === id);
    const [a, b] = [await found('stock-a'), await found('stock-b')];
    expect(a).to.deep.include({ app: 'STOCK', hostName: '127.0.0.1', ipAddr: '127.0.0.1', vipAddress: 'stock', status: 'UP' });
    expect(a?.['leaseInfo']).to.include({ renewalIntervalInSecs: 1, durationInSecs: 10 });
    expect(a?.['metadata']).to.include({ zone: 'a' });
    expect(b?.['metadata']).to.include({ zone: 'b', weight: '3' });
    const renewed = async () => (await found('stock-a'))?.leaseInfo.lastRenewalTimestamp ?? 0;
    const before = await renewed();
    await until('a heartbeat', async () => (await renewed()) > before);
    await until('another', async () => (await renewed()) > before + 1500);
  });

  it('are called through both gateways, by users and callers and nobody else', async () => {
    for (const gateway of gateways()) {
      expect((await gateway('/stock')).status).to.equal(200);
      const { status, body } = await gateway('/stock', post);
      expect({ status, body }).to.deep.include({ status: 200 });
      expect(body).to.deep.include({ order: { nails: 3 } });
    }
    expect((await call(`${pair.edge.url}/stock`)).status).to.equal(401);
    expect(await pair.asStranger('/stock')).to.equal(403);
  });

  it('share the load by the weights they registered with, and serve their own zone first', async () => {
    const shares = await whoAnswers(pair.asUser, '/stock', 20);
    expect(shares.filter((id) => id === 'stock-b')).to.have.length(15);
    expect(shares.filter((id) => id === 'stock-a')).to.have.length(5);
    expect(new Set(await whoAnswers(pair.asCaller, '/stock', 10))).to.deep.equal(new Set(['stock-a']));
  });

  it("find a service of eureka-js-client, and call it by Spring's own balancer, until it goes", async () => {
    const at = await startUpstream(bench, 'prices-1');
    const prices = eurekaClient(registry, { app: 'prices', id: 'prices-1', port: at });
    await started(prices);
    bench.undo(() => stopped(prices).catch(() => undefined));

    for (const gateway of gateways()) {
      await until('a gateway to call it', async () => instanceIn(await gateway('/prices')) === 'prices-1');
      await until('Spring to find it', async () => ((await gateway('/stock/known')).body as string[]).includes('prices'));
    }
    const known = (await pair.asCaller('/stock/known/prices')).body;
    expect(known).to.have.length(1);
    expect(known).to.have.deep.nested.property('0.uri', `http://127.0.0.1:${at}`);
    expect(known).to.have.nested.property('0.metadata.a_b', 'x');
    expect(await pair.asCaller('/stock/asks/prices')).to.deep.include({ status: 200, body: '{"instance":"prices-1"}' });

    await stopped(prices);
    expect(await instancesOf(registry, 'prices')).to.deep.equal([]);
    for (const gateway of gateways())
      await until('a gateway to have nobody to call', async () => (await gateway('/prices')).status === 503);
    await until('Spring to know of it no more', async () => !((await pair.asCaller('/stock/known')).body as string[]).includes('prices'));
  });

  it('shut down gracefully under load without a request that fails, and are gone from the registry at once', async () => {
    const loads = gateways().flatMap((gateway) => ['/stock', '/stock/count'].map((path) => startLoad(() => gateway(path))));
    await until('every load to reach it', () => loads.every(({ answers }) => answers.map(instanceIn).includes('stock-a')));

    // As the signal handler of a JVM ends it.
    expect(await first.stop()).to.equal(143);
    expect((await instancesOf(registry, 'stock')).map(({ instanceId }) => instanceId)).to.deep.equal(['stock-b']);
    const before = loads.map(({ answers }) => answers.length);
    const later = () => loads.map(({ answers }, at) => answers.slice((before[at] ?? 0) + 1));
    await until('more of every load', () => later().every((answers) => answers.length > 2));
    await Promise.all(loads.map((load) => load.stop()));
    expect(loads.flatMap(({ answers }) => answers.filter(({ status }) => status !== 200))).to.deep.equal([]);
    expect(new Set(later().flat().map(instanceIn))).to.deep.equal(new Set(['stock-b']));
  });
});
