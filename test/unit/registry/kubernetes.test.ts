import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { kubernetesSource } from '../../../core/registry/kubernetes.ts';
import type { Patience } from '../../../core/registry/kubernetes-api.ts';
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
  const clock = testClock();
  let api: Upstream;
  let account: string;
  let source: Source | undefined;
  let items: object[];
  let watches: ServerResponse[];
  let failing: boolean;
  let warned: object[];
  /** Every failure so far. */
  let failures: string[];
  /** Answers in the place of the list and watches above. */
  let special: ((url: URL, res: ServerResponse) => boolean) | undefined;

  beforeEach(async () => {
    [items, watches, failing, warned, failures, special] = [[], [], false, [], [], undefined];
    account = mkdtempSync(join(tmpdir(), 'account-'));
    writeFileSync(join(account, 'token'), 'secret\n');
    writeFileSync(join(account, 'namespace'), 'shop');
    api = await startUpstream((req: IncomingMessage, res) => {
      const url = new URL(req.url ?? '', 'http://api');
      const watching = url.searchParams.has('watch');
      if (special?.(url, res)) return;
      if (failing || req.headers.authorization !== 'Bearer secret')
        return void res.writeHead(403).end(JSON.stringify({ kind: 'Status', code: 403, message: 'endpointslices is forbidden' }));
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

  const start = (name = 'orders:http', patience: Partial<Patience> = {}, onChange = () => {}) => {
    const logger = { warn: (line: object) => void warned.push(line) };
    source = kubernetesSource(name, { api: api.url, account }, { clock, random: () => 0, logger, patience: { pause: 20, ...patience } });
    source.start(() => {
      if (source?.failure) failures.push(source.failure.why);
      onChange();
    });
  };
  const failure = (wanted: string, within?: number) =>
    eventually(
      () => failures,
      (all) => all.some((why) => why.includes(wanted)),
      within,
    );
  const lists = () => api.requests.filter(({ url }) => !url?.includes('watch=true')).length;
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
    clock.advance(60_000);
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
    await tell({ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd is gone' } });
    await failure('the watch ended: etcd is gone');
    await become(['http://10.0.0.5:8080']);
    expect(source?.failure).to.equal(undefined);
  });

  it('are listed anew when the server has forgotten from where to go on, which is no failure', async () => {
    const expired = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } };
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start();
    for (const [at, address] of ['10.0.0.5', '10.0.0.6'].entries()) {
      await eventually(
        () => watches.length,
        (count) => count === at + 1,
      );
      items = [slice('orders-1', [endpoint(address, true)])];
      await tell(expired);
      await become([`http://${address}:8080`]);
    }
    expect([failures, lists()]).to.deep.equal([[], 3]);
  });

  it('are listed in parts', async () => {
    const parts = [['orders-1', '10.0.0.1'] as const, ['orders-2', '10.0.0.2'] as const, ['orders-3', '10.0.0.3'] as const];
    special = ({ searchParams }, res) => {
      if (searchParams.has('watch')) return false;
      const at = Number(searchParams.get('continue') ?? 0);
      const [name, address] = parts[at] ?? ['none', ''];
      const more = at + 1 < parts.length ? { continue: String(at + 1) } : {};
      res.end(JSON.stringify({ metadata: { resourceVersion: '42', ...more }, items: [slice(name, [endpoint(address, true)])] }));
      return true;
    };
    start();
    await become(parts.map(([, address]) => `http://${address}:8080`));
    for (const { url } of api.requests.slice(0, 3)) expect(new URL(url ?? '', 'http://api').searchParams.get('limit')).to.equal('20');
  });

  it('are not taken from a list without an end', async function () {
    // A thousand requests, one after the other, take as long as the machine is busy.
    this.timeout(60_000);
    special = (_, res) => {
      res.end(JSON.stringify({ metadata: { resourceVersion: '42', continue: 'more' }, items: [] }));
      return true;
    };
    start();
    await failure('more than 1000 parts', 60_000);
    special = (_, res) => {
      const piece = Buffer.alloc(1024 * 1024, ' ');
      const more = () => {
        while (res.writable && res.write(piece));
      };
      res.on('drain', more);
      more();
      return true;
    };
    await failure('longer than 16777216 bytes', 60_000);
  });

  it('are asked for again when the server accepts and says nothing', async () => {
    special = () => true;
    start('orders:http', { answer: 30, silence: 10_000 });
    await failure('no whole answer within 30 ms');
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    special = ({ searchParams }) => searchParams.has('watch');
    await become(['http://10.0.0.1:8080']);
    await failure('no answer within 30 ms');
    expect(source?.answer).to.have.length(1);
  });

  it('are asked for again when a watch falls silent', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start('orders:http', { answer: 5_000, silence: 200 });
    await failure('the watch was silent for 200 ms');
    await eventually(
      () => watches.length,
      (count) => count > 1,
    );
    expect(source?.answer).to.have.length(1);
  });

  it('are asked for with the token of now', async () => {
    writeFileSync(join(account, 'token'), 'of yesterday');
    start();
    await failure('403: endpointslices is forbidden');
    writeFileSync(join(account, 'token'), 'secret');
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    await become(['http://10.0.0.1:8080']);
  });

  it('leave out what is no address, and the log is told once', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true), endpoint('nowhere', true)])];
    start();
    await become(['http://10.0.0.1:8080']);
    await tell({ type: 'MODIFIED', object: slice('orders-1', [endpoint('10.0.0.2', true), endpoint('nowhere', true)], '43') });
    await become(['http://10.0.0.2:8080']);
    expect(warned).to.have.length(1);
    expect(warned[0]).to.include({ event: 'endpoint-refused', endpoint: 'nowhere', slice: 'orders-1' });
  });

  it('of a dual-stack Service are of the family that it prefers, IPv4 where nobody may know', async () => {
    const targetRef = { kind: 'Pod', namespace: 'shop', name: 'orders-0', uid: '1' };
    const six = { ...slice('six', [{ ...endpoint('fd00::1', true), targetRef }]), addressType: 'IPv6' };
    items = [slice('four', [{ ...endpoint('10.0.0.1', true), targetRef }]), six];
    let families: string[] | undefined;
    special = ({ pathname }, res) => {
      if (pathname !== '/api/v1/namespaces/shop/services/orders') return false;
      res.writeHead(families ? 200 : 403).end(JSON.stringify({ spec: { ipFamilies: families } }));
      return true;
    };
    start();
    await become(['http://10.0.0.1:8080']);
    source?.stop();
    families = ['IPv6', 'IPv4'];
    start();
    await become(['http://[fd00::1]:8080']);
  });

  it('are not asked for without a pause when watches end at once', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    start();
    await eventually(
      () => watches.length,
      (count) => count > 0,
    );
    // Whatever it told before.
    await tell({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '43' } } });
    watches[0]?.end();
    await failure('the watch ended at once');
    expect([watches.length, source?.answer?.length]).to.deep.equal([1, 1]);
  });

  it('are told once for all events that come together, each of which is a new list of all', async () => {
    items = [slice('orders-1', [endpoint('10.0.0.1', true)])];
    let told = 0;
    start('orders:http', {}, () => {
      told += 1;
    });
    await eventually(
      () => watches.length,
      (count) => count > 0,
    );
    const before = told;
    const addresses = Array.from({ length: 50 }, (_, at) => `10.0.1.${at}`);
    const events = addresses.map((address) => ({ type: 'MODIFIED', object: slice('orders-1', [endpoint(address, true)], '43') }));
    watches[0]?.write(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    await become(['http://10.0.1.49:8080']);
    expect(told - before).to.be.lessThan(5);
  });

  it('say why there are none', async () => {
    failing = true;
    start();
    await failure('answered 403: endpointslices is forbidden');
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
