import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { eventually } from '../../behaviour/support/eventually.ts';
import { endpoint, type KubernetesCluster, slice, startKubernetesCluster } from './kubernetes-cluster.ts';

describe('endpoints by Kubernetes', () => {
  let cluster: KubernetesCluster;
  beforeEach(async () => {
    cluster = await startKubernetesCluster();
  });
  afterEach(() => cluster.close());

  it('are those ready in all slices of the Service, and follow the watch', async () => {
    cluster.items = [
      slice('orders-1', [endpoint('10.0.0.1', true), endpoint('10.0.0.2', false)]),
      slice('orders-2', [endpoint('10.0.0.3', undefined)]),
    ];
    cluster.start();
    await cluster.become(['http://10.0.0.1:8080', 'http://10.0.0.3:8080']);
    expect(cluster.source?.answer?.[0]).to.include({ weight: 1, zone: 'a' });
    const [list, watch] = await eventually(
      () => cluster.requests.map(({ url }) => new URL(url ?? '', 'http://api')),
      ({ length }) => length === 2,
    );
    expect(list?.pathname).to.equal('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices');
    expect(list?.searchParams.get('labelSelector')).to.equal('kubernetes.io/service-name=orders');
    expect(watch?.searchParams.get('resourceVersion')).to.equal('42');

    await cluster.tell({ type: 'MODIFIED', object: slice('orders-1', [endpoint('10.0.0.2', true)], '43') });
    await cluster.become(['http://10.0.0.2:8080', 'http://10.0.0.3:8080']);
    await cluster.tell({ type: 'DELETED', object: slice('orders-2', [], '44') });
    await cluster.become(['http://10.0.0.2:8080']);
    await cluster.tell({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    cluster.clock.advance(60_000);
    cluster.watches.at(-1)?.end();
    const next = await eventually(
      () => cluster.requests[2]?.url,
      (url) => url !== undefined,
    );
    expect(next).to.contain('resourceVersion=99');
  });

  it('are listed in parts', async () => {
    const parts = [['orders-1', '10.0.0.1'] as const, ['orders-2', '10.0.0.2'] as const, ['orders-3', '10.0.0.3'] as const];
    cluster.special = ({ searchParams }, res) => {
      if (searchParams.has('watch')) return false;
      const at = Number(searchParams.get('continue') ?? 0);
      const [name, address] = parts[at] ?? ['none', ''];
      const more = at + 1 < parts.length ? { continue: String(at + 1) } : {};
      res.end(JSON.stringify({ metadata: { resourceVersion: '42', ...more }, items: [slice(name, [endpoint(address, true)])] }));
      return true;
    };
    cluster.start();
    await cluster.become(parts.map(([, address]) => `http://${address}:8080`));
    for (const { url } of cluster.requests.slice(0, 3)) expect(new URL(url ?? '', 'http://api').searchParams.get('limit')).to.equal('20');
  });

  it('are asked for with the token of now', async () => {
    writeFileSync(join(cluster.account, 'token'), 'of yesterday');
    cluster.start();
    await cluster.failure('403: endpointslices is forbidden');
    writeFileSync(join(cluster.account, 'token'), 'secret');
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    await cluster.become(['http://10.0.0.1:8080']);
  });

  it('leave out what is no address, and the log is told once', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true), endpoint('nowhere', true)])];
    cluster.start();
    await cluster.become(['http://10.0.0.1:8080']);
    await cluster.tell({ type: 'MODIFIED', object: slice('orders-1', [endpoint('10.0.0.2', true), endpoint('nowhere', true)], '43') });
    await cluster.become(['http://10.0.0.2:8080']);
    expect(cluster.warned).to.have.length(1);
    expect(cluster.warned[0]).to.include({ event: 'endpoint-refused', endpoint: 'nowhere', slice: 'orders-1' });
  });

  it('of a dual-stack Service are of the family that it prefers, IPv4 where nobody may know', async () => {
    const targetRef = { kind: 'Pod', namespace: 'shop', name: 'orders-0', uid: '1' };
    const six = { ...slice('six', [{ ...endpoint('fd00::1', true), targetRef }]), addressType: 'IPv6' };
    cluster.items = [slice('four', [{ ...endpoint('10.0.0.1', true), targetRef }]), six];
    let families: string[] | undefined;
    cluster.special = ({ pathname }, res) => {
      if (pathname !== '/api/v1/namespaces/shop/services/orders') return false;
      res.writeHead(families ? 200 : 403).end(JSON.stringify({ spec: { ipFamilies: families } }));
      return true;
    };
    cluster.start();
    await cluster.become(['http://10.0.0.1:8080']);
    cluster.source?.stop();
    families = ['IPv6', 'IPv4'];
    cluster.start();
    await cluster.become(['http://[fd00::1]:8080']);
  });

  it('are told once for all events that come together, each of which is a new list of all', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    let told = 0;
    cluster.start('orders:http', {}, () => {
      told += 1;
    });
    await eventually(
      () => cluster.watches.length,
      (count) => count > 0,
    );
    const before = told;
    const addresses = Array.from({ length: 50 }, (_, at) => `10.0.1.${at}`);
    const events = addresses.map((address) => ({ type: 'MODIFIED', object: slice('orders-1', [endpoint(address, true)], '43') }));
    cluster.watches[0]?.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await cluster.become(['http://10.0.1.49:8080']);
    expect(told - before).to.be.lessThan(5);
  });

  it('of a port by number, or the first one, in another namespace', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.start('warehouse/orders');
    await cluster.become(['http://10.0.0.1:9090']);
    expect(cluster.requests[0]?.url).to.contain('/namespaces/warehouse/');
    cluster.source?.stop();
    cluster.start('orders:8080');
    await cluster.become(['http://10.0.0.1:8080']);
  });
});
