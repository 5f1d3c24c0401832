import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { kubernetesSource } from '../../../core/registry/kubernetes.ts';
import type { Source } from '../../../core/registry/source.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';

/** As the API's published OpenAPI has it (discovery.k8s.io/v1). */
const slice = (name: string, endpoints: object[], version = '7') => ({
  metadata: { name, namespace: 'shop', resourceVersion: version, labels: { 'kubernetes.io/service-name': 'orders' } },
  addressType: 'IPv4',
  ports: [
    { name: 'metrics', port: 9090, protocol: 'TCP' },
    { name: 'http', port: 8080, protocol: 'TCP' },
  ],
  endpoints,
});
const endpoint = (address: string, ready: boolean | undefined, zone = 'a') => ({
  addresses: [address],
  conditions: ready === undefined ? {} : { ready, serving: true, terminating: !ready },
  zone,
});

describe('endpoints by Kubernetes', () => {
  let api: Upstream;
  let account: string;
  let source: Source | undefined;
  let items: object[];
  let watches: ServerResponse[];
  let failing: boolean;

  beforeEach(async () => {
    [items, watches, failing] = [[], [], false];
    account = mkdtempSync(join(tmpdir(), 'account-'));
    writeFileSync(join(account, 'token'), 'secret\n');
    writeFileSync(join(account, 'namespace'), 'shop');
    api = await startUpstream((req: IncomingMessage, res) => {
      const watching = new URL(req.url ?? '', 'http://api').searchParams.has('watch');
      if (failing || req.headers.authorization !== 'Bearer secret') return void res.writeHead(403).end('{}');
      res.writeHead(200, { 'content-type': 'application/json' });
      if (watching) {
        res.flushHeaders();
        watches.push(res);
      } else res.end(JSON.stringify({ kind: 'EndpointSliceList', metadata: { resourceVersion: '42' }, items }));
    });
  });
  afterEach(async () => {
    source?.stop();
    await api.close();
    rmSync(account, { recursive: true });
  });

  const start = (name = 'orders:http') => {
    source = kubernetesSource(name, { api: api.url, account }, { clock: testClock(), random: () => 0 });
    source.start(() => {});
  };
  const become = (wanted: string[] | undefined) =>
    eventually(
      () => source?.answer?.map(({ origin }) => origin),
      (now) => JSON.stringify(now) === JSON.stringify(wanted),
    );
  const tell = async (event: object) => {
    await eventually(
      () => watches.length,
      (count) => count > 0,
    );
    watches.at(-1)?.write(`${JSON.stringify(event)}\n`);
  };

  it('are those ready in all slices of the Service, and follow the watch', async () => {
    items = [
      slice('orders-1', [endpoint('10.0.0.1', true), endpoint('10.0.0.2', false)]),
      slice('orders-2', [endpoint('10.0.0.3', undefined)]),
    ];
    start();
    await become(['http://10.0.0.1:8080', 'http://10.0.0.3:8080']);
    expect(source?.answer?.[0]).to.include({ weight: 1, zone: 'a' });
    const [list, watch] = await eventually(
      () => api.requests.map(({ url }) => new URL(url ?? '', 'http://api')),
      ({ length }) => length === 2,
    );
    expect(list?.pathname).to.equal('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices');
    expect(list?.searchParams.get('labelSelector')).to.equal('kubernetes.io/service-name=orders');
    expect(watch?.searchParams.get('resourceVersion')).to.equal('42');

    await tell({ type: 'MODIFIED', object: slice('orders-1', [endpoint('10.0.0.2', true)], '43') });
    await become(['http://10.0.0.2:8080', 'http://10.0.0.3:8080']);
    await tell({ type: 'DELETED', object: slice('orders-2', [], '44') });
    await become(['http://10.0.0.2:8080']);
    await tell({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '99' } } });
    watches.at(-1)?.end();
    const next = await eventually(
      () => api.requests[2]?.url,
      (url) => url !== undefined,
    );
    expect(next).to.contain('resourceVersion=99');
  });

  it('are kept when a watch is broken off, and listed anew', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start();
    await become(['http://10.0.0.1:8080']);
    items = [slice('orders-1', [endpoint('10.0.0.5', true)])];
    await tell({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old resource version' } });
    await eventually(
      () => source?.failure?.why,
      (why) => why === 'the watch ended: too old resource version',
    );
    expect(source?.answer).to.have.length(1);
    await become(['http://10.0.0.5:8080']);
    expect(source?.failure).to.equal(undefined);
  });

  it('are not asked for without a pause when watches end at once', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start();
    await eventually(
      () => watches.length,
      (count) => count > 0,
    );
    watches[0]?.end();
    const failure = await eventually(
      () => source?.failure,
      (now) => now !== undefined,
    );
    expect(failure?.why).to.equal('the watch ended at once');
    expect([watches.length, source?.answer?.length]).to.deep.equal([1, 1]);
  });

  it('say why there are none', async () => {
    failing = true;
    start();
    const failure = await eventually(
      () => source?.failure,
      (now) => now !== undefined,
    );
    expect(failure?.why).to.contain('answered 403');
    expect(source?.answer).to.equal(undefined);
  });

  it('of a port by number, or the first one, in another namespace', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start('warehouse/orders');
    await become(['http://10.0.0.1:9090']);
    expect(api.requests[0]?.url).to.contain('/namespaces/warehouse/');
    source?.stop();
    start('orders:8080');
    await become(['http://10.0.0.1:8080']);
  });
});
