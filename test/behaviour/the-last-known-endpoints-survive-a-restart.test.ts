import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type EurekaServer, eurekaInstance, startEurekaServer } from '../support/eureka-server.ts';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('The last known endpoints survive a restart', () => {
  const servers = serversOfThisSuite();
  let directory: string;
  let eureka: EurekaServer;

  beforeEach(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-last-known-'));
    const server = await startEurekaServer();
    servers.defer(() => rmSync(folder, { recursive: true }));
    servers.defer(server.close);
    directory = folder;
    eureka = server;
  });

  const start = (registry: object = {}): Promise<TestGateway> =>
    servers.public(
      {
        ...open('', { service: { endpoints: undefined, registry: 'eureka', refresh: '20ms' } }),
        registry: { eureka: [eureka.url], ...registry },
      },
      { directory },
    );
  const called = (gateway: TestGateway, wanted = 200) =>
    eventually(
      () => ask(gateway.port),
      ({ status }) => status === wanted,
    );
  const stale = async (gateway: TestGateway) => (await scrape(gateway.admin)).named('gateway_registry_stale').map(({ value }) => value);
  const readiness = async (gateway: TestGateway) => (await fetch(`${gateway.admin}/readyz?verbose`)).text();
  const file = () => join(directory, '.postern', 'public-gateway-endpoints.json');
  const events = (gateway: TestGateway, wanted: string) => gateway.logged().filter(({ event }) => event === wanted);

  it('where the registry is down: they are called, said to be stale, and replaced when it is back', async () => {
    const [before, after] = [await servers.upstream(), await servers.upstream()];
    eureka.set(eurekaInstance('UPSTREAM', before.port));
    const first = await start();
    await called(first);
    await first.drain();

    eureka.status = 503;
    const second = await start();
    expect(await ask(second.port)).to.include({ status: 200 });
    await eventually(
      () => readiness(second),
      (text) => /endpoints-of-upstream ok \(stale for \d+ s, the last known 1 of \d{4}-.*Z are kept: .*503\)/.test(text),
    );
    expect(await stale(second)).to.deep.equal([1]);

    eureka.forget();
    eureka.set(eurekaInstance('UPSTREAM', after.port));
    eureka.status = 200;
    await eventually(
      () => stale(second),
      ([value]) => value === 0,
    );
    const received = before.requests.length;
    expect(await ask(second.port)).to.include({ status: 200 });
    expect([before.requests.length, after.requests.length]).to.deep.equal([received, 1]);
    await second.drain();
    expect(JSON.parse(readFileSync(file(), 'utf8')).services.upstream.endpoints).to.deep.equal([
      { origin: `http://127.0.0.1:${after.port}`, weight: 1 },
    ]);
    // Nothing half-written is left.
    expect(readdirSync(join(directory, '.postern'))).to.deep.equal(['public-gateway-endpoints.json']);
  });

  it('and until a registry that is silent has answered, the gateway calls them but is not ready', async () => {
    eureka.set(eurekaInstance('UPSTREAM', (await servers.upstream()).port));
    const first = await start();
    await called(first);
    await first.drain();

    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    eureka.before = () => held;
    const second = await start();
    expect(await ask(second.port)).to.include({ status: 200 });
    expect((await fetch(`${second.admin}/readyz`)).status).to.equal(503);
    expect(await readiness(second)).to.match(/\[-\]endpoints-of-upstream failed \(no answer yet, the last known 1 of .* are kept\)/);
    expect(await stale(second)).to.deep.equal([1]);
    release();
    await eventually(
      () => readiness(second),
      (text) => text.includes('[+]endpoints-of-upstream ok (1)\n'),
    );
  });

  it('but not another registry, nor a file that is not what was written, which is told', async () => {
    eureka.set(eurekaInstance('UPSTREAM', (await servers.upstream()).port));
    const first = await start();
    await called(first);
    await first.drain();
    const good = readFileSync(file(), 'utf8');

    eureka.status = 503;
    const elsewhere = await start({ eureka: [`${eureka.url}/elsewhere`] });
    expect((await ask(elsewhere.port)).status).to.equal(503);
    await elsewhere.drain();
    for (const text of [
      '',
      good.slice(0, -1),
      good.replace('"version":1', '"version":2'),
      good.replace('"origin":"http:', '"origin":"file:'),
    ]) {
      writeFileSync(file(), text);
      const gateway = await start();
      expect((await ask(gateway.port)).status).to.equal(503);
      await gateway.drain();
      expect(events(gateway, 'last-known-unread')).to.have.length(1);
    }
  });

  it('unless they are not to be kept', async () => {
    eureka.set(eurekaInstance('UPSTREAM', (await servers.upstream()).port));
    const gateway = await start({ lastKnown: false });
    await called(gateway);
    await gateway.drain();
    expect(existsSync(join(directory, '.postern'))).to.equal(false);
  });

  it('a folder that cannot be written is one line of the log, and nothing else', async () => {
    eureka.set(eurekaInstance('UPSTREAM', (await servers.upstream()).port));
    writeFileSync(join(directory, '.postern'), 'no folder');
    const gateway = await start();
    await called(gateway);
    await eventually(
      () => events(gateway, 'last-known-unwritten').length,
      (count) => count > 0,
    );
    eureka.set(eurekaInstance('UPSTREAM', (await servers.upstream()).port));
    await eventually(
      () => events(gateway, 'endpoints-changed').length,
      (count) => count === 2,
    );
    expect(await ask(gateway.port)).to.include({ status: 200 });
    await gateway.drain();
    expect(events(gateway, 'last-known-unwritten')).to.have.length(1);
  });

  it('where the private gateway starts anew with its own registry, which knows nobody yet', async () => {
    const [port = 0] = await freePorts(1);
    const upstream = await servers.upstream();
    const given = {
      ...open(''),
      services: { upstream: { registry: 'eureka', name: 'STOCK', refresh: '20ms' } },
      registry: { embedded: { port } },
    };
    const register = (at: number) =>
      fetch(`http://127.0.0.1:${port}/eureka/apps/STOCK`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          instance: { ...eurekaInstance('STOCK', at), dataCenterInfo: { '@class': 'x.MyOwnDataCenterInfo', name: 'MyOwn' } },
        }),
      });
    const first = await servers.private(given, { directory });
    expect((await register(upstream.port)).status).to.equal(204);
    await called(first);
    await first.drain();

    const second = await servers.private(given, { directory });
    await eventually(
      () => readiness(second),
      (text) => /endpoints-of-upstream ok \(1, last known of .* some of them\)/.test(text),
    );
    expect(await ask(second.port)).to.include({ status: 200 });
    const other = await servers.upstream();
    expect((await register(other.port)).status).to.equal(204);
    await eventually(
      () => readiness(second),
      (text) => text.includes('endpoints-of-upstream ok (2, '),
    );
    // Once it is there again, the registry knows best.
    expect((await register(upstream.port)).status).to.equal(204);
    await eventually(
      () => readiness(second),
      (text) => text.includes('endpoints-of-upstream ok (2)\n'),
    );
    const gone = `http://127.0.0.1:${port}/eureka/apps/STOCK/127.0.0.1:stock:${upstream.port}`;
    expect((await fetch(gone, { method: 'DELETE' })).status).to.equal(200);
    await eventually(
      () => readiness(second),
      (text) => text.includes('endpoints-of-upstream ok (1)\n'),
    );
    const received = upstream.requests.length;
    expect(await ask(second.port)).to.include({ status: 200 });
    expect([upstream.requests.length, other.requests.length > 0]).to.deep.equal([received, true]);
  });
});
