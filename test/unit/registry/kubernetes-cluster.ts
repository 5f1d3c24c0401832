/** A cluster's API server, as far as endpoints go, and a Service whose endpoints come from it. What it says is what the test says. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubernetesSource } from '../../../core/registry/kubernetes.ts';
import type { Patience } from '../../../core/registry/kubernetes-api.ts';
import type { Source } from '../../../core/registry/source.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { startUpstream } from '../../support/upstream.ts';

/** As the API's published OpenAPI has it (discovery.k8s.io/v1). */
export const slice = (name: string, endpoints: object[], version = '7') => ({
  metadata: { name, namespace: 'shop', resourceVersion: version, labels: { 'kubernetes.io/service-name': 'orders' } },
  addressType: 'IPv4',
  ports: [
    { name: 'metrics', port: 9090, protocol: 'TCP' },
    { name: 'http', port: 8080, protocol: 'TCP' },
  ],
  endpoints,
});
export const endpoint = (address: string, ready: boolean | undefined, zone = 'a') => ({
  addresses: [address],
  conditions: ready === undefined ? {} : { ready, serving: true, terminating: !ready },
  zone,
});

export interface KubernetesCluster {
  /** The EndpointSlices of its list. */
  items: object[];
  /** Refuses every question, while it is true. */
  failing: boolean;
  /** Answers in the place of lists and watches, where it says so. */
  special: ((url: URL, res: ServerResponse) => boolean) | undefined;
  /** Every watch so far. */
  readonly watches: ServerResponse[];
  readonly requests: readonly IncomingMessage[];
  /** The folder of the service account. */
  readonly account: string;
  readonly clock: TestClock;
  /** The one that was started last. */
  readonly source: Source | undefined;
  /** Every failure of a source so far. */
  readonly failures: readonly string[];
  readonly warned: readonly object[];
  start(name?: string, patience?: Partial<Patience>, onChange?: () => void): void;
  /** Waits for a failure of which this is part. @param within milliseconds */
  failure(wanted: string, within?: number): Promise<unknown>;
  /** Waits until these are the endpoints. */
  become(wanted: string[]): Promise<unknown>;
  /** In the last watch. */
  tell(event: object): Promise<void>;
  /** How often it was asked for what is no watch. */
  lists(): number;
  close(): Promise<void>;
}

export async function startKubernetesCluster(): Promise<KubernetesCluster> {
  const clock = testClock();
  const account = mkdtempSync(join(tmpdir(), 'account-'));
  writeFileSync(join(account, 'token'), 'secret\n');
  writeFileSync(join(account, 'namespace'), 'shop');
  const watches: ServerResponse[] = [];
  const failures: string[] = [];
  const warned: object[] = [];
  let source: Source | undefined;
  const api = await startUpstream((req, res) => {
    const url = new URL(req.url ?? '', 'http://api');
    if (cluster.special?.(url, res)) return;
    if (cluster.failing || req.headers.authorization !== 'Bearer secret')
      return void res.writeHead(403).end(JSON.stringify({ kind: 'Status', code: 403, message: 'endpointslices is forbidden' }));
    res.writeHead(200, { 'content-type': 'application/json' });
    if (url.searchParams.has('watch')) {
      res.flushHeaders();
      watches.push(res);
    } else res.end(JSON.stringify({ kind: 'EndpointSliceList', metadata: { resourceVersion: '42' }, items: cluster.items }));
  });
  const cluster: KubernetesCluster = {
    items: [],
    failing: false,
    special: undefined,
    watches,
    failures,
    warned,
    account,
    clock,
    requests: api.requests,
    get source() {
      return source;
    },
    start(name = 'orders:http', patience = {}, onChange = () => {}) {
      const logger = { warn: (line: object) => void warned.push(line) };
      const started = kubernetesSource(
        name,
        { api: api.url, account },
        { clock, random: () => 0, logger, patience: { pause: 20, ...patience } },
      );
      source = started;
      started.start(() => {
        if (started.failure) failures.push(started.failure.why);
        onChange();
      });
    },
    failure: (wanted, within) =>
      eventually(
        () => failures,
        (all) => all.some((why) => why.includes(wanted)),
        within,
      ),
    become: (wanted) =>
      eventually(
        () => source?.answer?.map(({ origin }) => origin),
        (now) => JSON.stringify(now) === JSON.stringify(wanted),
      ),
    async tell(event) {
      await eventually(
        () => watches.length,
        (count) => count > 0,
      );
      watches.at(-1)?.write(`${JSON.stringify(event)}\n`);
    },
    lists: () => api.requests.filter(({ url }) => !url?.includes('watch=true')).length,
    async close() {
      source?.stop();
      await api.close();
      rmSync(account, { recursive: true });
    },
  };
  return cluster;
}
