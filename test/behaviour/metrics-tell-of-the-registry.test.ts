import { request } from 'node:http';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import type { TestGateway } from '../support/gateways.ts';
import { type Asking, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type Sample, scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Metrics tell how the embedded registry is', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;
  let peer: string;
  let port: number;

  const eureka = (target: string, asking?: Asking) => askInside(port, `/eureka${target}`, asking);

  before(async () => {
    const [nobody] = await freePorts(1);
    peer = `http://127.0.0.1:${nobody}/eureka`;
    gateway = await servers.private({
      private: { callers: { tests: { from: ['127.0.0.1'] } } },
      registry: { embedded: { port: 0, peers: [peer], waitWhenEmpty: '0s' } },
    });
    port = Number(new URL(gateway.registry?.url ?? '').port);
    // It asked its peer who is there, in vain.
    await eventually(
      async () => (await eureka('/apps')).status,
      (status) => status === 200,
    );
  });

  const register = (id: string, app: string, status: string) => {
    const dataCenterInfo = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
    const instance = { instanceId: id, hostName: 'host', app, ipAddr: '10.0.0.1', status, dataCenterInfo };
    const headers = { 'content-type': 'application/json' };
    return eureka(`/apps/${app}`, { method: 'POST', headers, body: JSON.stringify({ instance }) });
  };
  /** The samples of the registry, each with its labels. */
  const told = async () => {
    const { samples } = await scrape(gateway.admin);
    const own = samples.filter(({ name }) => name.startsWith('gateway_registry_'));
    const labelled = ({ name, labels }: Sample) => [name.replace('gateway_registry_', ''), ...Object.values(labels).toSorted()].join(' ');
    return Object.fromEntries(own.map((sample) => [labelled(sample), sample.value]));
  };

  it('from the start, before anything has happened', async () => {
    expect(await told()).to.include({
      applications: 0,
      renewals_last_minute: 0,
      renewals_threshold: 0,
      self_preservation: 0,
      event_readers: 0,
      evictions_total: 0,
      [`peer_queued ${peer}`]: 0,
      [`peer_sent_total ${peer}`]: 0,
      [`peer_dropped_total ${peer}`]: 0,
    });
  });

  it('who is there, who is heard, who reads, and who is refused', async () => {
    await register('one', 'ORDERS', 'UP');
    await register('two', 'ORDERS', 'UP');
    await register('three', 'STOCK', 'OUT_OF_SERVICE');
    for (const id of ['one', 'two']) await eureka(`/apps/ORDERS/${id}?status=UP`, { method: 'PUT' });
    await eureka('/apps/ORDERS', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' });
    await eureka('/apps/ORDERS', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    const strangers = (await told())['refused_total 403'] ?? 0;
    for (const _ of [1, 2]) await eureka('/apps', { from: '127.0.0.3' });
    const reader = request({ port, path: '/eureka/events' }).on('error', () => {});
    servers.defer(() => reader.destroy());
    await new Promise((resolve) => reader.once('response', resolve).end());
    expect(await told()).to.deep.include({
      'instances UP': 2,
      'instances OUT_OF_SERVICE': 1,
      applications: 2,
      renewals_last_minute: 2,
      renewals_threshold: 3,
      self_preservation: 0,
      event_readers: 1,
      'refused_total 400': 1,
      'refused_total 403': strangers + 2,
      'refused_total 415': 1,
    });
    for (const id of ['one', 'two']) await eureka(`/apps/ORDERS/${id}`, { method: 'DELETE' });
    expect(await told())
      .to.include({ applications: 1 })
      .and.not.have.property('instances UP');
  });

  it('that a peer hears nothing', async () => {
    await register('one', 'ORDERS', 'UP');
    const now = await eventually(told, (all) => all[`peer_failing ${peer}`] === 1);
    expect(now[`peer_queued ${peer}`]).to.be.greaterThan(0);
    expect(now[`peer_sent_total ${peer}`]).to.equal(0);
  });

  it('and nothing of a registry where there is none', async () => {
    const alone = await servers.public({ registry: { embedded: { port: 0 } } });
    expect((await scrape(alone.admin)).samples.filter(({ name }) => name.startsWith('gateway_registry_'))).to.deep.equal([]);
  });
});
