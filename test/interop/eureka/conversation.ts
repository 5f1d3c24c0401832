/** Requests that a registry answers in the same way, whoever wrote it; one after the other, from an empty registry on. */

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const json = { accept: 'application/json' };
const xml = { accept: 'application/xml' };
const compact = { 'x-eureka-accept': 'compact' };
const replication = { 'x-netflix-discovery-replication': 'true' };

const instance = {
  instanceId: 'h:orders:1',
  hostName: 'h',
  app: 'orders',
  ipAddr: '10.0.0.1',
  status: 'UP',
  port: { $: 8080, '@enabled': 'true' },
  securePort: { $: 8443, '@enabled': 'false' },
  vipAddress: 'orders,shop',
  secureVipAddress: 'safe',
  homePageUrl: 'http://h:8080/?a=1&b=2',
  healthCheckUrl: 'http://h:8080/health',
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  leaseInfo: { renewalIntervalInSecs: 10, durationInSecs: 40 },
  metadata: { zone_a: 'x<y', b$c: 'd' },
  lastDirtyTimestamp: '1700000000000',
  unheardOf: { of: 1 },
};
const bare = { ...instance, instanceId: undefined, hostName: 'bare', metadata: undefined, leaseInfo: undefined, lastDirtyTimestamp: '77' };
const one = '/apps/ORDERS/h:orders:1';

const get = (path: string, headers: Readonly<Record<string, string>> = json): Asked => ({ method: 'GET', path, headers });
const put = (path: string, headers = {}): Asked => ({ method: 'PUT', path, headers });
const del = (path: string): Asked => ({ method: 'DELETE', path });
const register = (of: object, app = 'orders'): Asked => ({ method: 'POST', path: `/apps/${app}`, body: { instance: of } });
const everything = [
  get('/apps'),
  get('/apps', xml),
  get('/apps/delta'),
  get('/apps/orders'),
  get('/apps/orders', xml),
  get(one),
  get(one, xml),
];

export const conversation: readonly Asked[] = [
  get('/apps'),
  get('/apps', xml),
  register(instance),
  register({ ...instance, app: 'others' }),
  register({ ...instance, dataCenterInfo: undefined }),
  ...everything,
  get('/apps', { ...json, ...compact }),
  get('/apps', { ...xml, ...compact }),
  ...['/instances/h:orders:1', '/vips/shop', '/vips/nothing', '/svips/safe', '/apps/NONE', '/apps/ORDERS/none', '/instances/none'].map(
    (path) => get(path),
  ),
  get('/vips/shop', xml),
  put(one),
  put(`${one}?status=UP&lastDirtyTimestamp=1700000000000`),
  put(`${one}?lastDirtyTimestamp=5`),
  put(`${one}?lastDirtyTimestamp=9999999999999`),
  put('/apps/ORDERS/none'),
  put(`${one}?lastDirtyTimestamp=5`, { ...replication, ...json }),
  put(`${one}/status?value=OUT_OF_SERVICE`),
  // But for the last: in XML and alone Eureka says DOWN of it, for it takes who asks so for a client of its first version.
  ...everything.slice(0, -1),
  register(instance),
  put(one),
  get(one),
  put('/apps/ORDERS/none/status?value=UP'),
  del(`${one}/status?value=UP`),
  get(one),
  put(`${one}/status?value=DOWN`),
  register({ ...instance, lastDirtyTimestamp: '1700000000001' }),
  get(one),
  del(`${one}/status`),
  get(one),
  put(one),
  register({ ...instance, lastDirtyTimestamp: '1700000000002', status: 'STARTING' }),
  get(one),
  register({ ...instance, lastDirtyTimestamp: '1700000000001', status: 'UP', hostName: 'older' }),
  get(one),
  register({ ...instance, lastDirtyTimestamp: '1700000000003' }),
  put(`${one}/metadata?weight=3&a_b%24=4`),
  put('/apps/ORDERS/none/metadata?weight=3'),
  ...everything,
  register(bare),
  get('/apps/ORDERS/bare'),
  get('/apps'),
  {
    method: 'POST',
    path: '/peerreplication/batch/',
    headers: json,
    body: {
      replicationList: [
        { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 77, status: 'UP', action: 'Heartbeat' },
        { appName: 'ORDERS', id: 'none', lastDirtyTimestamp: 77, status: 'UP', action: 'Heartbeat' },
        { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 78, status: 'OUT_OF_SERVICE', action: 'StatusUpdate' },
        { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 79, status: 'UP', action: 'DeleteStatusOverride' },
        { appName: 'ORDERS', id: 'h:orders:1', action: 'Cancel' },
        { appName: 'ORDERS', id: 'h:orders:1', action: 'Cancel' },
      ],
    },
  },
  get('/apps/ORDERS/bare'),
  get('/apps'),
  del('/apps/ORDERS/bare'),
  del('/apps/ORDERS/bare'),
  get('/apps'),
  get('/apps/delta'),
];
