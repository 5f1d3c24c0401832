import { expect } from 'chai';
import { eventually } from '../../behaviour/support/eventually.ts';
import { endpoint, type KubernetesCluster, slice, startKubernetesCluster } from './kubernetes-cluster.ts';

describe('endpoints by an API server of Kubernetes that does not do as it should', () => {
  let cluster: KubernetesCluster;
  beforeEach(async () => {
    cluster = await startKubernetesCluster();
  });
  afterEach(() => cluster.close());

  it('are kept when a watch is broken off, and listed anew', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.start();
    await cluster.become(['http://10.0.0.1:8080']);
    cluster.items = [slice('orders-1', [endpoint('10.0.0.5', true)])];
    await cluster.tell({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is gone' } });
    await cluster.failure('the watch ended: etcd is gone');
    await cluster.become(['http://10.0.0.5:8080']);
    expect(cluster.source?.failure).to.equal(undefined);
  });

  it('are listed anew when the server has forgotten from where to go on, which is no failure', async () => {
    const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } };
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.start();
    for (const [at, address] of ['10.0.0.5', '10.0.0.6'].entries()) {
      await eventually(
        () => cluster.watches.length,
        (count) => count === at + 1,
      );
      cluster.items = [slice('orders-1', [endpoint(address, true)])];
      await cluster.tell(expired);
      await cluster.become([`http://${address}:8080`]);
    }
    expect([cluster.failures, cluster.lists()]).to.deep.equal([[], 3]);
  });

  it('are not taken from a list without an end', async function () {
    // A thousand requests, one after the other, take as long as the machine is busy.
    this.timeout(60_000);
    cluster.special = (_, res) => {
      res.end(JSON.stringify({ metadata: { resourceVersion: '42', continue: 'more' }, items: [] }));
      return true;
    };
    cluster.start();
    await cluster.failure('more than 1000 parts', 60_000);
    cluster.special = (_, res) => {
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const more = () => {
        while (res.writable && res.write(piece));
      };
      res.on('drain', more);
      more();
      return true;
    };
    await cluster.failure('larger than 16777216 bytes', 60_000);
  });

  it('are asked for again when the server accepts and says nothing', async () => {
    cluster.special = () => true;
    cluster.start('orders:http', { answer: 30, silence: 10_000 });
    await cluster.failure('no whole answer within 30 ms');
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.special = ({ searchParams }) => searchParams.has('watch');
    await cluster.become(['http://10.0.0.1:8080']);
    await cluster.failure('no answer within 30 ms');
    expect(cluster.source?.answer).to.have.length(1);
  });

  it('are asked for again when a watch falls silent', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.start('orders:http', { answer: 5_000, silence: 200 });
    await cluster.failure('the watch was silent for 200 ms');
    await eventually(
      () => cluster.watches.length,
      (count) => count > 1,
    );
    expect(cluster.source?.answer).to.have.length(1);
  });

  it('are not asked for without a pause when watches end at once', async () => {
    cluster.items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    cluster.start();
    await eventually(
      () => cluster.watches.length,
      (count) => count > 0,
    );
    // Whatever it told before.
    await cluster.tell({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '43' } } });
    cluster.watches[0]?.end();
    await cluster.failure('the watch ended at once');
    expect([cluster.watches.length, cluster.source?.answer?.length]).to.deep.equal([1, 1]);
  });

  it('say why there are none', async () => {
    cluster.failing = true;
    cluster.start();
    await cluster.failure('answered 403: endpointslices is forbidden');
    expect(cluster.source?.answer).to.equal(undefined);
  });
});
