/** Both gateways amid all that dashboards and alerts are for: failures, refusals, retries, a registry that is silent, one that is used. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { stringify } from 'yaml';
import { type Bench, freePort } from '../support/bench.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

export const jobs = ['public-gateway', 'private-gateway'] as const;
export type Job = (typeof jobs)[number];

export interface TroubledPair {
  /** `host:port` of the admin ports, by job: of each the gateway itself, and one that has more to do than it can. */
  readonly targets: Readonly<Record<Job, readonly string[]>>;
  /** One round of requests of every kind. */
  round(): Promise<void>;
}

export async function startTroubledPair(bench: Bench): Promise<TroubledPair> {
  const good = await bench.listen(createServer((_req, res) => res.end('good')));
  const full = await bench.listen(createServer((_req, res) => void setTimeout(() => res.end('at last'), 100)));
  const bad = await bench.listen(createServer((_req, res) => res.writeHead(500).end()));
  const nobody = await freePort();
  const registryPort = await freePort();
  const service = (port: number, more: object = {}) => ({ endpoints: [`http://127.0.0.1:${port}`], ...more });
  const services = {
    good: service(good),
    bad: service(bad, { circuitBreaker: { requestVolume: 5, sleepWindow: '1s' } }),
    full: service(full, { concurrency: { limit: 1, queue: 0 } }),
    // One of the two is not there: another try, and soon an ejection.
    half: {
      endpoints: [`http://127.0.0.1:${good}`, `http://127.0.0.1:${nobody}`],
      balancer: 'roundRobin',
      outlier: { consecutiveErrors: 3, interval: '1s', baseEjection: '1s', maxEjected: '50%' },
    },
    silent: { registry: 'dns', name: 'silent.test:80', refresh: '1s' },
  };
  const routes = [...Object.keys(services), 'limited'].map((name) => ({
    name,
    match: { path: `/${name}` },
    service: name === 'limited' ? 'good' : name,
    expose: {
      public: { access: 'anonymous', ...(name === 'limited' ? { rateLimit: '3/h' } : {}) },
      private: { callers: ['me'], ...(name === 'limited' ? { rateLimit: '3/h' } : {}) },
    },
  }));
  const section = (more: object = {}) => ({
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    drain: { grace: '0ms', deadline: '1s' },
    ...more,
  });
  const callers = { me: { from: ['127.0.0.1'] } };
  const configuration = (more: object, registry: object) =>
    stringify({
      services,
      routes,
      public: section({ rateLimit: '100000/s', ...more }),
      private: section({ rateLimit: '100000/s', callers, ...more }),
      registry: { dns: { servers: [`127.0.0.1:${nobody}`] }, lastKnown: false, ...registry },
      telemetry: { accessLog: false },
    });
  const embedded = { port: registryPort, peers: [`http://127.0.0.1:${nobody}/eureka`] };
  const file = await bench.file('postern.yaml', configuration({}, { embedded }));
  const pressed = await bench.file('pressed.yaml', configuration({ overload: { heap: '0.1%' }, limits: { connections: 1 } }, {}));
  const gateways: Record<Job, Gateway[]> = { 'public-gateway': [], 'private-gateway': [] };
  for (const job of jobs) for (const config of [file, pressed]) gateways[job].push(await startGateway(bench, job, config));

  const get = (url: string) =>
    fetch(url, { signal: AbortSignal.timeout(5_000) })
      .then((answer) => answer.text())
      .catch(() => undefined);
  const eureka = `http://127.0.0.1:${registryPort}/eureka/apps/DYING`;
  const dying = {
    instance: {
      instanceId: 'dying:1',
      app: 'DYING',
      hostName: '127.0.0.1',
      ipAddr: '127.0.0.1',
      status: 'UP',
      port: { $: 1, '@enabled': 'true' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
      leaseInfo: { durationInSecs: 1 },
    },
  };
  const post = (body: string) =>
    fetch(eureka, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(5_000) }).catch(
      () => undefined,
    );

  return {
    targets: { 'public-gateway': adminsOf(gateways['public-gateway']), 'private-gateway': adminsOf(gateways['private-gateway']) },
    async round() {
      const all = jobs.flatMap((job) => {
        const [calm, hard] = gateways[job];
        const paths = [...routes.map(({ name }) => name), 'bad', 'bad', 'full', 'full', 'half', 'half', 'half', 'nowhere'];
        return [
          ...paths.map((path) => get(`${calm?.url}/${path}`)),
          get(`${hard?.url}/good`),
          ...[1, 2, 3].map(() => knock(Number(new URL(String(hard?.url)).port))),
        ];
      });
      await Promise.all([...all, post(JSON.stringify(dying)), post('not JSON')]);
    },
  };
}

const adminsOf = (gateways: readonly Gateway[]) => gateways.map(({ admin }) => new URL(admin).host);

/** Connects and leaves. */
function knock(port: number): Promise<void> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(200, () => socket.destroy());
    socket.once('error', () => undefined).once('close', () => done());
  });
}
