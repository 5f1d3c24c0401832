import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { open } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a service that registers with the private gateway', () => {
  const servers = serversOfThisSuite();
  const json = { 'content-type': 'application/json' };

  it('is called through both gateways, as many as there are of it, and no more when it has gone', async () => {
    const [port = 0] = await freePorts(1);
    const given = {
      ...open(''),
      services: { upstream: { registry: 'eureka', name: 'STOCK', refresh: '20ms' } },
      registry: { embedded: { port } },
    };
    const inside = await servers.private(given);
    const edge = await servers.public(given);
    const apps = `http://127.0.0.1:${port}/eureka/apps/STOCK`;
    const register = async ({ port: at }: Upstream) => {
      const instance = {
        instanceId: `stock-${at}`,
        hostName: '127.0.0.1',
        app: 'STOCK',
        ipAddr: '127.0.0.1',
        status: 'UP',
        port: { $: at, '@enabled': 'true' },
        dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      };
      expect((await fetch(apps, { method: 'POST', headers: json, body: JSON.stringify({ instance }) })).status).to.equal(204);
    };
    const called = async (gateway: { port: number }) => (await ask(gateway.port)).status;

    expect([await called(inside), await called(edge)]).to.deep.equal([503, 503]);

    const [first, second] = [await servers.upstream(), await servers.upstream()];
    await register(first);
    for (const gateway of [inside, edge])
      await eventually(
        () => called(gateway),
        (status) => status === 200,
      );
    await register(second);
    await eventually(
      async () => {
        await called(edge);
        return second.requests.length;
      },
      (count) => count > 0,
    );

    expect((await fetch(`${apps}/stock-${first.port}`, { method: 'DELETE' })).status).to.equal(200);
    let before = -1;
    await eventually(
      async () => {
        const since = first.requests.length - before;
        before = first.requests.length;
        for (let asked = 0; asked < 10; asked += 1) expect(await called(edge)).to.equal(200);
        return since;
      },
      (since) => since === 0,
    );
    // Its own registry was there when it first asked.
    await inside.drain();
    const events = inside.logged().map(({ event }) => event);
    // From then on it sends everybody elsewhere, and itself too.
    expect(events.slice(0, events.indexOf('draining'))).to.not.include('registry-failing');
  });
});
