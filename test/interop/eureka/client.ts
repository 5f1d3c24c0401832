/** A service as Node teams write it: eureka-js-client with a configuration of their own. */
import { Eureka } from 'eureka-js-client';

export interface Service {
  readonly app: string;
  readonly id: string;
  readonly port: number;
}

const quiet = { warn() {}, info() {}, debug() {}, error() {} };

/** @param registry e.g. `http://127.0.0.1:8761/eureka` */
export function eurekaClient(registry: string, { app, id, port }: Service): Eureka {
  const { hostname, port: registryPort, pathname } = new URL(registry);
  return new Eureka({
    logger: quiet,
    instance: {
      app,
      instanceId: id,
      hostName: '127.0.0.1',
      ipAddr: '127.0.0.1',
      port: { $: port, '@enabled': true },
      vipAddress: app,
      leaseInfo: { renewalIntervalInSecs: 1, durationInSecs: 2 },
      metadata: { zone: 'a', a_b: 'x' },
      dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    },
    eureka: {
      host: hostname,
      port: Number(registryPort),
      servicePath: `${pathname}/apps/`,
      heartbeatInterval: 500,
      registryFetchInterval: 300,
      fetchRegistry: true,
      maxRetries: 3,
      requestRetryDelay: 200,
      useDelta: true,
    },
  });
}

export function started(client: Eureka): Promise<void> {
  return new Promise((resolve, reject) => client.start((error) => (error ? reject(error) : resolve())));
}

export function stopped(client: Eureka): Promise<void> {
  return new Promise((resolve, reject) => client.stop((error) => (error ? reject(error) : resolve())));
}

// As a process of its own: `node client.ts REGISTRY APP ID PORT`.
const [, file = '', registry, app, id, port] = process.argv;
if (file === import.meta.filename && registry !== undefined && app !== undefined && id !== undefined)
  await started(eurekaClient(registry, { app, id, port: Number(port) }));
