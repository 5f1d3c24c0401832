/** Instances as a registry knows them: each with one connection of its own that it keeps, for all that it says and asks. */
import { Client, type Dispatcher } from 'undici';

export interface Instance {
  fetchAll(): Promise<number>;
  fetchDelta(): Promise<number>;
  register(): Promise<number>;
  beat(): Promise<number>;
  cancel(): Promise<number>;
  close(): Promise<void>;
}

export interface Population {
  /** Of the registry, up to `/eureka`. */
  readonly url: string;
  readonly applications: number;
}

/** @param at its number; each of its operations resolves with the bytes of the answer, and rejects when it is refused */
export function anInstance({ url, applications }: Population, at: number, port = 8080, app = `APP-${at % applications}`): Instance {
  const { origin, pathname } = new URL(url);
  const client = new Client(origin, { pipelining: 1, keepAliveMaxTimeout: 600_000 });
  const own = `/apps/${app}/i-${at}`;
  const ask = async (method: Dispatcher.HttpMethod, path: string, document?: object): Promise<number> => {
    const body = document ? JSON.stringify(document) : null;
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip', ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await client.request({ method, path: `${pathname}${path}`, headers, body });
    const { length } = await answer.body.bytes();
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode}`);
    return length;
  };
  return {
    fetchAll: () => ask('GET', '/apps'),
    fetchDelta: () => ask('GET', '/apps/delta'),
    register: () => ask('POST', `/apps/${app}`, { instance: registrationOf(at, app, port) }),
    beat: () => ask('PUT', `${own}?status=UP&lastDirtyTimestamp=1`),
    cancel: () => ask('DELETE', own),
    close: () => client.close(),
  };
}

/** As Spring's client sends it. */
function registrationOf(at: number, app: string, port: number): object {
  const address = port === 8080 ? `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` : '127.0.0.1';
  const host = port === 8080 ? `host-${at}.internal.example` : address;
  return {
    instanceId: `i-${at}`,
    hostName: host,
    app,
    ipAddr: address,
    status: 'UP',
    port: { $: port, '@enabled': 'true' },
    vipAddress: app.toLowerCase(),
    homePageUrl: `http://${host}:${port}/`,
    statusPageUrl: `http://${host}:${port}/actuator/info`,
    healthCheckUrl: `http://${host}:${port}/actuator/health`,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
    metadata: { zone: 'a', 'management.port': String(port) },
    lastDirtyTimestamp: '1',
  };
}
