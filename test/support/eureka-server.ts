/** As much of a Eureka server as its readers see: full lists, deltas, events, refusals. What is registered is what the test says. */
import { createServer, type ServerResponse } from 'node:http';
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
  /** Whether it tells of changes, as Postern's own registry does. */
  events: boolean;
  /** Those who read the events now. */
  readonly readers: ReadonlySet<ServerResponse>;
  /** Says something to those who read the events. */
  say(text: string): void;
  /** Before it answers a list or a delta, which is made before. */
  before: () => unknown;
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
  const readers = new Set<ServerResponse>();
  const event = (name: string, data: object) => `event: ${name}\nid: 1\ndata: ${JSON.stringify({ apps__hashcode: hash(), ...data })}\n\n`;
  const tell = (actionType: string, instance: object) => eureka.say(event('change', { actionType, instance }));
  const server = createServer(async (req, res) => {
    const path = req.url ?? '';
    eureka.asked.push(path);
    if (path === '/eureka/events' && eureka.events && eureka.status === 200) {
      res.on('close', () => readers.delete(res));
      readers.add(res.writeHead(200, { 'content-type': 'text/event-stream;charset=UTF-8' }));
      return void res.write(event('ready', {}));
    }
    const delta = path === '/eureka/apps/delta';
    const refusal = eureka.status !== 200 ? eureka.status : delta && !eureka.deltas ? 403 : !delta && path !== '/eureka/apps' ? 404 : 200;
    if (refusal !== 200) return void res.writeHead(refusal).end();
    const body = gzipSync(JSON.stringify(delta ? eurekaList(changes, hash()) : eurekaList([...instances.values()])));
    await eureka.before();
    res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const eureka: EurekaServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka`,
    instances,
    set(instance) {
      instances.set(instance.instanceId, instance);
      changes.push(instance);
      tell('MODIFIED', instance);
    },
    delete(id) {
      const gone = instances.get(id);
      instances.delete(id);
      if (!gone) return;
      changes.push({ ...gone, actionType: 'DELETED' });
      tell('DELETED', { app: gone.app, instanceId: id, status: gone.status, actionType: 'DELETED' });
    },
    forget() {
      instances.clear();
      changes = [];
    },
    status: 200,
    deltas: true,
    events: false,
    readers,
    say(text) {
      for (const reader of readers) reader.write(text);
    },
    before() {},
    asked: [],
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return eureka;
}
