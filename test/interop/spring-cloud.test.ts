/** Services of Spring Cloud and of eureka-js-client, which know nothing of the gateways: they register, are called through both, and go. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { eurekaClient, started, stopped } from './eureka/client.ts';
import { instancesOf } from './eureka/instances.ts';
import { type Answer, type Call, call, type Pair, startPair } from './eureka/pair.ts';
import { startService } from './eureka/service.ts';
import { freePort, openBench } from './support/bench.ts';
import type { Program } from './support/program.ts';
import { until } from './support/until.ts';

describe('services of Spring Cloud, registered with the private gateway', () => {
  const bench = openBench();
  let registry: string;
  let pair: Pair;
  let second: Program;

  before(async function () {
    this.timeout(180_000);
    const port = await freePort();
    registry = `http://127.0.0.1:${port}/eureka`;
    pair = await startPair(bench, {
      registry: { embedded: { port } },
      services: { stock: { balancer: 'roundRobin' }, prices: {} },
      zone: 'a',
    });
    startService(bench, registry, { app: 'stock', id: 'stock-a', metadata: { zone: 'a' } });
    second = startService(bench, registry, { app: 'stock', id: 'stock-b', metadata: { zone: 'b', weight: 3 } });
    const up = async () => (await instancesOf(registry, 'stock')).filter(({ status }) => status === 'UP').length === 2;
    await until('both instances to register', up, 150_000);
    // Outside only what a caller gets says that both are known.
    for (const gateway of [pair.asUser, pair.asCaller]) await until('it to be found', async () => (await gateway('/stock')).status === 200);
    await until('both to be found', async () => new Set(await whoAnswers(pair.asUser, 4)).size === 2);
  });
  after(() => bench.clear());

  const post = { method: 'POST', body: '{"nails":3}', headers: { 'content-type': 'application/json' } };
  const instanceIn = ({ body }: Answer) => (body as { instance?: string }).instance ?? '';

  /** Which instances answer this many requests, one after the other. */
  async function whoAnswers(gateway: Call, count: number): Promise<string[]> {
    const answers: string[] = [];
    for (let asked = 0; asked < count; asked += 1) answers.push(instanceIn(await gateway('/stock')));
    return answers;
  }

  it('say where they are and what they bring, and beat', async () => {
    const found = async (id: string) => (await instancesOf(registry, 'stock')).find(({ instanceId }) => instanceId === id);
    const [a, b] = [await found('stock-a'), await found('stock-b')];
    expect(a).to.deep.include({ app: 'STOCK', hostName: '127.0.0.1', ipAddr: '127.0.0.1', vipAddress: 'stock', status: 'UP' });
    expect(a?.['leaseInfo']).to.include({ renewalIntervalInSecs: 1, durationInSecs: 3 });
    expect(a?.['metadata']).to.include({ zone: 'a' });
    expect(b?.['metadata']).to.include({ zone: 'b', weight: '3' });
    const renewed = async () => (await found('stock-a'))?.leaseInfo.lastRenewalTimestamp ?? 0;
    const before = await renewed();
    await until('a heartbeat', async () => (await renewed()) > before);
    await until('another', async () => (await renewed()) > before + 1500);
  });

  it('are called through both gateways, by users and callers and nobody else', async () => {
    for (const gateway of [pair.asUser, pair.asCaller]) {
      expect((await gateway('/stock')).status).to.equal(200);
      const { status, body } = await gateway('/stock', post);
      expect({ status, body }).to.deep.include({ status: 200 });
      expect(body).to.deep.include({ order: { nails: 3 } });
    }
    expect((await call(`${pair.edge.url}/stock`)).status).to.equal(401);
    expect(await pair.asStranger('/stock')).to.equal(403);
  });

  it('share the load by the weights they registered with, and serve their own zone first', async () => {
    const shares = await whoAnswers(pair.asUser, 20);
    expect(shares.filter((id) => id === 'stock-b')).to.have.length(15);
    expect(shares.filter((id) => id === 'stock-a')).to.have.length(5);
    expect(new Set(await whoAnswers(pair.asCaller, 10))).to.deep.equal(new Set(['stock-a']));
  });

  it("find a service of eureka-js-client, and call it by Spring's own balancer, until it goes", async () => {
    const server = createServer((_request, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"instance":"prices-1"}'),
    );
    const at = await bench.listen(server);
    const prices = eurekaClient(registry, { app: 'prices', id: 'prices-1', port: at });
    await started(prices);
    bench.undo(() => stopped(prices).catch(() => undefined));

    for (const gateway of [pair.asUser, pair.asCaller]) {
      await until('a gateway to call it', async () => instanceIn(await gateway('/prices')) === 'prices-1');
      await until('Spring to find it', async () => ((await gateway('/stock/known')).body as string[]).includes('prices'));
    }
    const known = (await pair.asCaller('/stock/known/prices')).body;
    expect(known).to.have.length(1);
    expect(known).to.have.deep.nested.property('0.uri', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(known).to.have.nested.property('0.metadata.a_b', 'x');
    expect(await pair.asCaller('/stock/asks/prices')).to.deep.include({ status: 200, body: '{"instance":"prices-1"}' });

    await stopped(prices);
    expect(await instancesOf(registry, 'prices')).to.deep.equal([]);
    for (const gateway of [pair.asUser, pair.asCaller])
      await until('a gateway to have nobody to call', async () => (await gateway('/prices')).status === 503);
    await until('Spring to know of it no more', async () => !((await pair.asCaller('/stock/known')).body as string[]).includes('prices'));
  });

  it('shut down gracefully under load without a request that fails, and are gone from the registry at once', async () => {
    const answers: Answer[] = [];
    let over = false;
    const load = async (gateway: Call, path: string) => {
      while (!over) answers.push(await gateway(path));
    };
    const loads = [pair.asUser, pair.asCaller].flatMap((gateway) => [load(gateway, '/stock'), load(gateway, '/stock/count')]);
    await until('the load to run', () => answers.some((answer) => instanceIn(answer) === 'stock-b') && answers.length > 50);

    // As the signal handler of a JVM ends it.
    expect(await second.stop()).to.equal(143);
    expect((await instancesOf(registry, 'stock')).map(({ instanceId }) => instanceId)).to.deep.equal(['stock-a']);
    const ended = answers.length;
    await until('more of the load', () => answers.length > ended + 50);
    over = true;
    await Promise.all(loads);
    expect(answers.filter(({ status }) => status !== 200)).to.deep.equal([]);
    expect(new Set(answers.slice(ended).map(instanceIn)))
      .to.include('stock-a')
      .and.not.include('stock-b');
  });
});
