/** As much of a Eureka server as its readers see: full lists, deltas, refusals. What is registered is what the test says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface EurekaServer {
  readonly url: string;
  /** By application. Change it through `set` and `delete` only when the change should go into the delta. */
  readonly instances: Map<string, object>;
  set(instance: ReturnType<typeof eurekaInstance>): void;
  delete(id: string): void;
  /** As a restart does: it knows nobody, and of no change. */
  forget(): void;
  /** Answers every request with it, while it is not 200. */
  status: number;
  /** Whether it offers deltas. */
  deltas: boolean;
  /** The paths asked for so far. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** As Netflix's client writes it. */
export function eurekaInstance(app: string, port: number, more: Record<string, unknown> = {}) {
  return {
    instanceId: `127.0.0.1:${app.toLowerCase()}:${port}`,
    app,
    hostName: '127.0.0.1',
    ipAddr: '127.0.0.1',
    status: 'UP',
    overriddenstatus: 'UNKNOWN',
    port: { $: port, '@enabled': 'true' },
    securePort: { $: 443, '@enabled': 'false' },
    metadata: { '@class': 'java.util.Collections$EmptyMap' } as Record<string, string>,
    actionType: 'ADDED',
    ...more,
  };
}

/** The list as the server writes it. */
export function eurekaList(instances: readonly { app: string; status: string; actionType?: string }[], hash?: string): object {
  const apps = Map.groupBy(instances, ({ app }) => app);
  const counts = Map.groupBy(instances, ({ status }) => status);
  const own = [...counts.keys()].sort().map((status) => `${status}_${counts.get(status)?.length}_`);
  const application = Array.from(apps, ([name, instance]) => ({ name, instance }));
  return { applications: { versions__delta: '1', apps__hashcode: hash ?? own.join(''), application } };
}

export async function startEurekaServer(): Promise<EurekaServer> {
  type Instance = ReturnType<typeof eurekaInstance>;
  const instances = new Map<string, Instance>();
  let changes: Instance[] = [];
  const hash = () => (eurekaList([...instances.values()]) as { applications: { apps__hashcode: string } }).applications.apps__hashcode;
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    eureka.asked.push(path);
    const delta = path === '/eureka/apps/delta';
    const refusal = eureka.status !== 200 ? eureka.status : delta && !eureka.deltas ? 403 : !delta && path !== '/eureka/apps' ? 404 : 200;
    if (refusal !== 200) return void res.writeHead(refusal).end();
    const body = gzipSync(JSON.stringify(delta ? eurekaList(changes, hash()) : eurekaList([...instances.values()])));
    res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const eureka: EurekaServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka`,
    instances,
    set(instance) {
      instances.set(instance.instanceId, instance);
      changes.push(instance);
    },
    delete(id) {
      const gone = instances.get(id);
      instances.delete(id);
      if (gone) changes.push({ ...gone, actionType: 'DELETED' });
    },
    forget() {
      instances.clear();
      changes = [];
    },
    status: 200,
    deltas: true,
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return eureka;
}
