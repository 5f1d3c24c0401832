import { expect } from 'chai';
import { PeerSync } from '../../../core/eureka/peer-sync.ts';
import { answerTo } from '../../../core/eureka/replication.ts';
import { Registry } from '../../../core/registry/registry.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { freePorts } from '../../support/free-ports.ts';
import { startUpstream } from '../../support/upstream.ts';

const instance = (instanceId: string, more: object = {}) => ({
  instanceId,
  hostName: 'host',
  app: 'ORDERS',
  ipAddr: '10.0.0.1',
  status: 'UP',
  dataCenterInfo: { name: 'MyOwn' },
  lastDirtyTimestamp: '7',
  ...more,
});
const listOf = (...instances: unknown[]) => ({ applications: { application: [{ name: 'ORDERS', instance: instances }] } });

describe('the start of a registry with peers', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  const answering = async (body: unknown, status = 200) => {
    const server = await startUpstream((_req, res) => void res.writeHead(status).end(JSON.stringify(body)));
    closers.push(() => server.close());
    return server;
  };
  const start = (urls: string[], wait = 30_000) => {
    const clock = testClock();
    const registry = new Registry({ clock, random: () => 0, strict: false });
    const logged: Record<string, unknown>[] = [];
    const log = (record: Record<string, unknown>) => logged.push(record);
    const sync = new PeerSync({ urls, wait, registry, clock, logger: { info: log, warn: log } as unknown as Logger });
    closers.push(() => sync.close());
    sync.start();
    return { sync, registry, clock, logged };
  };

  it('is over at once without peers', () => {
    expect(start([]).sync.ready).to.equal(true);
  });

  it('takes over what all have that have anything', async () => {
    const empty = await answering(listOf());
    const unready = await answering({}, 403);
    const full = await answering(
      listOf(instance('one', { overriddenstatus: 'OUT_OF_SERVICE' }), instance('two', { lastDirtyTimestamp: 8 })),
    );
    const part = await answering(listOf(instance('two', { lastDirtyTimestamp: 7, status: 'DOWN' }), instance('three')));
    const [nobody = 0] = await freePorts(1);
    const { sync, registry, logged } = start([empty.url, unready.url, `http://127.0.0.1:${nobody}`, part.url, full.url]);
    expect(sync.ready).to.equal(false);
    await eventually(() => sync.ready, Boolean);
    expect(
      registry.leases().map(({ instance: { id, status, lastDirtyTimestamp } }) => [id, status, lastDirtyTimestamp]),
    ).to.have.deep.members([
      ['one', 'OUT_OF_SERVICE', 7],
      ['two', 'UP', 8],
      ['three', 'UP', 7],
    ]);
    expect(logged).to.have.deep.members([part, full].map(({ url }) => ({ event: 'registry-synced', peer: url, instances: 2, refused: 0 })));
  });

  it('brings nobody back who took its leave while the list was on its way', async () => {
    let answer = () => {};
    const list = JSON.stringify(listOf(instance('one'), instance('two'), instance('three')));
    const server = await startUpstream((_req, res) => {
      answer = () => void res.end(list);
    });
    closers.push(() => server.close());
    const { sync, registry, clock } = start([server.url]);
    await eventually(() => server.requests.length, Boolean);
    const told = { registry, clock, onCancel: (app: string, id: string) => sync.forget(app, id) };
    expect(answerTo({ action: 'Cancel', appName: 'Orders', id: 'two' }, told)).to.deep.equal({ statusCode: 404 });
    const instanceInfo = instance('three');
    expect(answerTo({ action: 'Register', appName: 'ORDERS', id: 'three', instanceInfo }, told)).to.deep.equal({ statusCode: 200 });
    expect(answerTo({ action: 'Cancel', appName: 'ORDERS', id: 'three' }, told)).to.deep.equal({ statusCode: 200 });
    answer();
    await eventually(() => sync.ready, Boolean);
    expect(registry.leases().map(({ instance: { id } }) => id)).to.deep.equal(['one']);
  });

  it('passes over what is no instance, and knows who sent a heartbeat', async () => {
    const renewed = { registrationTimestamp: 5, lastRenewalTimestamp: 6 };
    const peer = await answering(
      listOf(
        null,
        7,
        { instanceId: 'odd' },
        instance('x'.repeat(1_000)),
        instance('one', { leaseInfo: renewed }),
        instance('two', { leaseInfo: { ...renewed, lastRenewalTimestamp: 5 } }),
        instance('three', { leaseInfo: { registrationTimestamp: { valueOf: 1, toString: 1 }, lastRenewalTimestamp: 6 } }),
      ),
    );
    const { sync, registry, logged } = start([peer.url]);
    await eventually(() => sync.ready, Boolean);
    expect(registry.leases().map(({ instance: { id }, proven }) => [id, proven])).to.deep.equal([
      ['one', true],
      ['two', false],
      ['three', false],
    ]);
    expect(logged[0]).to.deep.include({ instances: 3, refused: 4 });
  });

  it('lasts no longer than it is told when there is nothing to take over', async () => {
    for (const peer of [await answering(listOf()), await answering({}, 403), await answering('nonsense')]) {
      const { sync, logged } = start([peer.url], 0);
      expect(sync.ready).to.equal(true);
      await eventually(() => logged.length, Boolean);
      expect(logged[0]?.['event']).to.equal('registry-not-synced');
      const patient = start([peer.url], 30_000);
      patient.clock.advance(29_999);
      expect(patient.sync.ready).to.equal(false);
      patient.clock.advance(1);
      expect(patient.sync.ready).to.equal(true);
    }
  });

  it('asks again, for a peer may come later', async function () {
    this.timeout(10_000);
    let list = listOf();
    const server = await startUpstream((_req, res) => void res.end(JSON.stringify(list)));
    closers.push(() => server.close());
    const { sync } = start([server.url]);
    await eventually(() => server.requests.length, Boolean);
    list = listOf(instance('one'));
    await eventually(() => sync.ready, Boolean);
    expect(server.requests.length).to.equal(2);
  });
});
