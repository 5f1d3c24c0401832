import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { type Asking, ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { holding } from './support/holding.ts';
import { serversOfThisSuite } from './support/servers.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };

const instance = (more: object = {}) => ({
  instanceId: 'orders-1',
  hostName: 'host',
  app: 'ORDERS',
  ipAddr: '10.0.0.1',
  status: 'UP',
  port: { $: 8080, '@enabled': 'true' },
  metadata: { zone: 'a' },
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  lastDirtyTimestamp: '1000',
  ...more,
});

interface Shown {
  readonly instanceId: string;
  readonly status: string;
  readonly overriddenStatus: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly lastDirtyTimestamp: string;
  readonly leaseInfo: { readonly lastRenewalTimestamp: number; readonly durationInSecs: number };
}

describe('Two registries that are peers are one', () => {
  const servers = serversOfThisSuite();

  /** One of two, each of which has the other for its peer. */
  const start = (port: number, peer: number, more: object = { waitWhenEmpty: '0s' }) =>
    servers.private({
      private: { callers: { services: { from: ['127.0.0.1'] } } },
      registry: { embedded: { port, peers: [`http://127.0.0.1:${peer}/eureka`], ...more } },
    });
  const pair = async () => {
    const [a = 0, b = 0] = await freePorts(2);
    return { a, b, gateways: [await start(a, b), await start(b, a)] as [TestGateway, TestGateway] };
  };
  const eureka = (port: number, target: string, asking?: Asking) => askInside(port, `/eureka${target}`, asking);
  const register = async (port: number, more: object = {}) => {
    const registered = await eureka(port, '/apps/ORDERS', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ instance: instance(more) }),
    });
    expect(registered.status).to.equal(204);
  };
  const put = async (port: number, target: string) => expect((await eureka(port, target, { method: 'PUT' })).status).to.equal(200);
  const find = async (port: number, id = 'orders-1'): Promise<Shown | undefined> => {
    const found = await eureka(port, `/apps/ORDERS/${id}`, { headers: json });
    return found.status === 200 ? (found.json() as { instance: Shown }).instance : undefined;
  };
  const known = (port: number, id?: string) => eventually(() => find(port, id), Boolean);
  const batches = ({ logged }: TestGateway, event: string) => logged().filter((record) => record['event'] === event);

  it('who registers with one is found in the other, whatever is said of it there', async () => {
    const { a, b } = await pair();
    await register(a);
    const [here, there] = [await find(a), await known(b)];
    for (const key of ['instanceId', 'status', 'overriddenStatus', 'metadata', 'lastDirtyTimestamp'] as const)
      expect(there?.[key], key).to.deep.equal(here?.[key]);

    await put(a, '/apps/ORDERS/orders-1/metadata?weight=3');
    await put(b, '/apps/ORDERS/orders-1/status?value=OUT_OF_SERVICE');
    await eventually(
      () => find(b),
      (shown) => shown?.metadata['weight'] === '3',
    );
    await eventually(
      () => find(a),
      (shown) => shown?.status === 'OUT_OF_SERVICE' && shown.overriddenStatus === 'OUT_OF_SERVICE',
    );
    await eureka(a, '/apps/ORDERS/orders-1/status?value=UP', { method: 'DELETE' });
    await eventually(
      () => find(b),
      (shown) => shown?.status === 'UP' && shown.overriddenStatus === 'UNKNOWN',
    );
    expect((await eureka(b, '/apps/ORDERS/orders-1', { method: 'DELETE' })).status).to.equal(200);
    await eventually(
      () => find(a),
      (shown) => shown === undefined,
    );
  });

  it('a heartbeat that one hears keeps the instance in both', async () => {
    const { a, b } = await pair();
    await register(a);
    const before = (await known(b))?.leaseInfo.lastRenewalTimestamp ?? 0;
    await put(a, '/apps/ORDERS/orders-1?status=UP&lastDirtyTimestamp=1000');
    await eventually(
      () => find(b),
      (shown) => (shown?.leaseInfo.lastRenewalTimestamp ?? 0) > before,
    );
  });

  it('of two registrations the newer one stays, wherever it was made', async () => {
    const { a, b } = await pair();
    // Told by a peer, so that nobody is told of it: the two differ.
    const replicated = { ...json, 'x-netflix-discovery-replication': 'true' };
    const as = (lastDirtyTimestamp: string, zone: string) =>
      JSON.stringify({ instance: instance({ lastDirtyTimestamp, metadata: { zone } }) });
    await eureka(a, '/apps/ORDERS', { method: 'POST', headers: replicated, body: as('1000', 'old') });
    await eureka(b, '/apps/ORDERS', { method: 'POST', headers: replicated, body: as('2000', 'new') });
    await put(a, '/apps/ORDERS/orders-1?lastDirtyTimestamp=1000');
    await eventually(
      () => find(a),
      (shown) => shown?.metadata['zone'] === 'new',
    );
    expect((await find(b))?.metadata).to.deep.equal({ zone: 'new' });
    // And the other way: what b does not have yet, it gets with the next heartbeat.
    await eureka(a, '/apps/ORDERS', { method: 'POST', headers: replicated, body: as('3000', 'newest') });
    await put(a, '/apps/ORDERS/orders-1?lastDirtyTimestamp=3000');
    await eventually(
      () => find(b),
      (shown) => shown?.metadata['zone'] === 'newest',
    );
  });

  it('what one tells the other, the other does not tell it back', async () => {
    const { a, b, gateways } = await pair();
    const changes: string[] = [];
    for (const [at, { registry }] of gateways.entries())
      servers.defer(registry?.view.onChange(({ instance: { actionType, id } }) => changes.push(`${at} ${actionType} ${id}`)) ?? (() => {}));
    await register(a);
    await known(b);
    // Sent behind anything that b might have sent back: it is there, so all of that would be.
    await register(b, { instanceId: 'orders-2' });
    await known(a, 'orders-2');
    await register(a, { instanceId: 'orders-3' });
    await known(b, 'orders-3');
    expect(changes.toSorted()).to.deep.equal(
      [1, 2, 3].flatMap((number) => [`0 ADDED orders-${number}`, `1 ADDED orders-${number}`]).toSorted(),
    );
  });

  it('what a peer says one by one is not told on either', async () => {
    const { a, b } = await pair();
    await register(a);
    await known(b);
    const headers = { 'x-netflix-discovery-replication': 'true' };
    for (const [method, target, status] of [
      ['PUT', '/apps/ORDERS/orders-1?lastDirtyTimestamp=999', 409],
      ['PUT', '/apps/ORDERS/orders-1/status?value=DOWN', 200],
      ['DELETE', '/apps/ORDERS/orders-1/status?value=UP', 200],
      ['DELETE', '/apps/ORDERS/orders-1', 200],
    ] as const)
      expect((await eureka(b, target, { method, headers })).status, `${method} ${target}`).to.equal(status);
    const untouched = await find(a);
    // Whatever was sent before this is there when this is.
    await register(b, { instanceId: 'orders-2' });
    await known(a, 'orders-2');
    expect(await find(a)).to.deep.equal(untouched);
  });

  it('one that stops tells the other its last', async () => {
    const { a, b, gateways } = await pair();
    await register(a);
    await gateways[0].stop();
    expect((await find(b))?.status).to.equal('UP');
  });

  it('one that was down is told what it missed', async () => {
    const { a, b, gateways } = await pair();
    await register(a, { instanceId: 'orders-1' });
    await known(b);
    await gateways[1].stop();
    await register(a, { instanceId: 'orders-2' });
    expect((await eureka(a, '/apps/ORDERS/orders-1', { method: 'DELETE' })).status).to.equal(200);
    await eventually(
      () => batches(gateways[0], 'registry-peer-failing').length,
      (count) => count === 1,
    );
    const again = await start(b, a);
    await known(b, 'orders-2');
    await eventually(
      () => batches(gateways[0], 'registry-peer-answers').length,
      (count) => count === 1,
    );
    expect(again.registry?.view.instances('orders').map(({ id }) => id)).to.deep.equal(['orders-2']);
  });

  it('one that starts anew takes over what the other has, and refuses to say that nobody is there until it has', async () => {
    const [a = 0, b = 0] = await freePorts(2);
    const first = await start(a, b, { waitWhenEmpty: '10m' });
    const refused = await eureka(a, '/apps', { headers: json });
    expect([refused.status, refused.body]).to.deep.equal([403, 'The registry does not know yet who is there: it waits for its peers\n']);
    await register(a, { leaseInfo: { renewalIntervalInSecs: 5, durationInSecs: 15 } });
    await put(a, '/apps/ORDERS/orders-1/status?value=OUT_OF_SERVICE');
    expect((await find(a))?.status, 'one by itself is told').to.equal('OUT_OF_SERVICE');
    const targets = ['/apps', '/apps/delta', '/apps/ORDERS', '/vips/orders', '/svips/orders', '/events'];
    for (const target of targets) expect((await eureka(a, target, { headers: json })).status, target).to.equal(403);
    await first.stop();

    const second = await start(a, b);
    await register(a, { leaseInfo: { renewalIntervalInSecs: 5, durationInSecs: 15 } });
    await put(a, '/apps/ORDERS/orders-1/status?value=OUT_OF_SERVICE');
    const third = await start(b, a, { waitWhenEmpty: '10m' });
    await eventually(
      async () => (await eureka(b, '/apps', { headers: json })).status,
      (status) => status === 200,
    );
    const taken = await find(b);
    expect([taken?.status, taken?.overriddenStatus, taken?.lastDirtyTimestamp, taken?.leaseInfo.durationInSecs]).to.deep.equal([
      'OUT_OF_SERVICE',
      'OUT_OF_SERVICE',
      '1000',
      15,
    ]);
    await Promise.all([second.stop(), third.stop()]);
    expect(batches(third, 'registry-synced').map(({ instances }) => instances)).to.deep.equal([1]);
  });

  it('one that drains sends everybody to the other', async () => {
    const [a = 0] = await freePorts(1);
    const service = await holding(servers);
    const gateway = await servers.private({ ...open(service.url), registry: { embedded: { port: a } } });
    await register(a);
    const underWay = ask(gateway.port);
    await service.holds(1);
    const ended = gateway.drain();
    await eventually(
      async () => (await eureka(a, '/apps', { headers: json })).status,
      (status) => status === 307,
    );
    for (const method of ['PUT', 'DELETE']) expect((await eureka(a, '/apps/ORDERS/orders-1', { method })).status, method).to.equal(307);
    expect(gateway.registry?.view.instances('orders')).to.have.length(1);
    service.answer();
    expect((await underWay).status).to.equal(200);
    await ended;
  });

  it('a peer may replicate and read, and no more unless it is a caller too', async () => {
    const [a = 0, b = 0] = await freePorts(2);
    await servers.private({
      private: { callers: { services: { from: ['127.0.0.9'] } } },
      registry: { embedded: { port: a, peers: [`http://127.0.0.2:${b}/eureka`], waitWhenEmpty: '0s' } },
    });
    const from = '127.0.0.2';
    const body = JSON.stringify({ instance: instance() });
    const post = (headers: Record<string, string>, target = '/apps/ORDERS', sent = body) =>
      eureka(a, target, { method: 'POST', headers: { ...json, ...headers }, body: sent, from });
    expect((await post({})).status).to.equal(403);
    expect((await post({ 'x-netflix-discovery-replication': 'true' })).status).to.equal(204);
    const list = JSON.stringify({ replicationList: [{ action: 'Heartbeat', appName: 'ORDERS', id: 'orders-1' }] });
    for (const path of ['/peerreplication/batch/', '/v2/peerreplication/batch']) expect((await post({}, path, list)).status).to.equal(200);
    expect((await eureka(a, '/apps', { headers: json, from })).status).to.equal(200);
    expect((await eureka(a, '/apps', { headers: json, from: '127.0.0.3' })).status).to.equal(403);
  });

  it('one that finds itself among its peers leaves itself out', async () => {
    const [a = 0] = await freePorts(1);
    const gateway = await servers.private({
      private: { callers: { services: { from: ['127.0.0.1'] } } },
      // Another spelling of its address, as a name would be.
      registry: { embedded: { port: a, peers: [`http://0.0.0.0:${a}/eureka`], waitWhenEmpty: '0s' } },
    });
    await register(a);
    await eventually(
      () => batches(gateway, 'registry-peer-is-itself').length,
      (count) => count === 1,
    );
    expect((await find(a))?.status).to.equal('UP');
  });
});
