/** All of Eureka's operations, one after the other from an empty registry on, each as a registry answers it whoever wrote it. */

/** In which a document may be asked for. */
export const forms = {
  json: { accept: 'application/json' },
  xml: { accept: 'application/xml' },
  'compact json': { accept: 'application/json', 'x-eureka-accept': 'compact' },
  'compact xml': { accept: 'application/xml', 'x-eureka-accept': 'compact' },
  'json, gzip': { accept: 'application/json', 'accept-encoding': 'gzip' },
  'xml, gzip': { accept: 'application/xml', 'accept-encoding': 'gzip' },
} as const;

export type Form = keyof typeof forms;

export interface Step {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or the text of XML. */
  readonly body?: unknown;
  readonly forms: readonly Form[];
  /** Forms in which the two differ knowingly. */
  readonly differs: readonly Form[];
  /** With `strictEureka` they do not. */
  readonly unlessStrict: boolean;
  /** Why they do, or what is special. */
  readonly remark: string;
}

type Told = Partial<Pick<Step, 'headers' | 'body' | 'forms' | 'differs' | 'unlessStrict' | 'remark'>>;

function step(operation: string, request: string, { forms: asked = ['json'], ...told }: Told = {}): Step {
  const [method = '', path = ''] = request.split(' ');
  return { operation, method, path, forms: asked, differs: [], unlessStrict: false, remark: '', ...told };
}

const every = Object.keys(forms) as Form[];
const plain: readonly Form[] = ['json', 'xml'];
const zipped: readonly Form[] = ['json, gzip', 'xml, gzip'];
const inXmlOnly: readonly Form[] = ['xml', 'compact xml', 'xml, gzip'];

/** Why they differ. */
const small = 'below 860 bytes an answer is sent as it is';
const firstVersion = 'alone in XML Eureka says DOWN for what its first version did not know (V1AwareInstanceInfoConverter)';
const ownFault = "a client's fault is no failure of the server";
const notThere = 'Spring serves it nowhere; a map of ids';
const itself = 'of the server itself, its own figures; Eureka fails over JSON';
const replication = { headers: { 'x-netflix-discovery-replication': 'true' } };

const mine = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
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
  dataCenterInfo: mine,
  leaseInfo: { renewalIntervalInSecs: 10, durationInSecs: 40 },
  metadata: { zone_a: 'x<y', b$c: 'd' },
  lastDirtyTimestamp: '1700000000000',
  unheardOf: { of: 1 },
};
const bare = { ...instance, instanceId: undefined, hostName: 'bare', metadata: undefined, leaseInfo: undefined, lastDirtyTimestamp: '77' };
const one = '/apps/ORDERS/h:orders:1';

const inXml = `<?xml version="1.0" encoding="UTF-8"?>
<instance>
  <instanceId>x-1</instanceId><hostName>x</hostName><app>PRICES</app><ipAddr>10.0.0.2</ipAddr><status>UP</status>
  <port enabled="true">9090</port><securePort enabled="false">443</securePort><countryId>1</countryId>
  <dataCenterInfo class="com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo"><name>MyOwn</name></dataCenterInfo>
  <leaseInfo><renewalIntervalInSecs>30</renewalIntervalInSecs><durationInSecs>90</durationInSecs></leaseInfo>
  <metadata><zone>a</zone><a__b_-c>1 &amp; 2</a__b_-c></metadata>
  <vipAddress>prices</vipAddress><lastDirtyTimestamp>1700000000000</lastDirtyTimestamp>
</instance>`;

const register = (body: unknown, { path = '/apps/orders', ...told }: Told & { path?: string } = {}): Step =>
  step('register', `POST ${path}`, { body: typeof body === 'string' ? body : { instance: body }, ...told });
const lacking = (field: string, told: Told = {}): Step =>
  register({ ...instance, [field]: undefined }, { remark: `without ${field}`, ...told });
const beat = (query = '', told: Told = {}): Step => step('heartbeat', `PUT ${one}${query}`, told);

const batch = (remark: string, replicationList: readonly object[], path = '/peerreplication/batch/'): Step =>
  step('batch', `POST ${path}`, { body: { replicationList }, remark });

/** The documents that tell of the one application, and of all. */
const documents = (remark = '', alone: Told = { remark }): Step[] => [
  step('all', 'GET /apps', { forms: every, remark }),
  step('delta', 'GET /apps/delta', { forms: every, remark }),
  step('one app', 'GET /apps/orders', { forms: every, remark }),
  step('one instance', `GET ${one}`, { forms: every, ...alone }),
];

export const conversation: readonly Step[] = [
  step('all', 'GET /apps', { forms: every, differs: zipped, remark: `empty; ${small}` }),
  step('delta', 'GET /apps/delta', { forms: plain, remark: 'empty' }),
  step('one app', 'GET /apps/ORDERS', { forms: plain, remark: 'unknown' }),

  register(instance),
  register({ ...instance, instanceId: undefined, hostName: undefined }, { remark: 'without instanceId and hostName' }),
  lacking('hostName'),
  lacking('ipAddr'),
  lacking('app', { differs: ['json'], remark: 'without app; Eureka gives no reason' }),
  register({ ...instance, app: '' }, { remark: 'app is empty' }),
  register({ ...instance, dataCenterInfo: { ...mine, name: 'Moon' } }, { remark: 'unknown data center' }),
  register('<instance', { remark: 'no XML' }),
  register('<instance><app>orders</app></instance>', { remark: 'XML, nothing else' }),
  lacking('dataCenterInfo'),
  register({ ...instance, dataCenterInfo: { ...mine, name: undefined } }, { remark: 'without dataCenterInfo.name' }),
  register({ ...instance, app: 'others' }, { remark: 'app is not that of the path' }),
  register(inXml, { path: '/apps/prices', remark: 'XML' }),
  step('one app', 'GET /apps/prices', { forms: every, remark: 'registered in XML' }),
  step('one instance', 'GET /apps/PRICES/x-1', { forms: plain, remark: 'registered in XML' }),
  step('cancel', 'DELETE /apps/PRICES/x-1'),
  ...documents(),
  step('one instance', 'GET /instances/h:orders:1', { forms: every }),
  step('vip', 'GET /vips/shop', { forms: every }),
  step('vip', 'GET /vips/nothing', { forms: plain }),
  step('secure vip', 'GET /svips/safe', { forms: every }),
  step('secure vip', 'GET /svips/nothing', { forms: plain }),
  step('one app', 'GET /apps/NONE', { forms: plain }),
  step('one instance', 'GET /apps/ORDERS/none', { forms: plain }),
  step('one instance', 'GET /instances/none', { forms: plain }),

  beat(),
  beat('?status=UP&lastDirtyTimestamp=1700000000000'),
  beat('?lastDirtyTimestamp=5', { remark: 'older than what is known' }),
  beat('?lastDirtyTimestamp=9999999999999', { remark: 'dirtier' }),
  beat('?lastDirtyTimestamp=five', { differs: ['json'], unlessStrict: true, remark: `no number; ${ownFault}` }),
  step('heartbeat', 'PUT /apps/ORDERS/none', { remark: 'unknown' }),
  beat('?lastDirtyTimestamp=5', { ...replication, forms: plain, remark: 'of a peer that knows an older one' }),
  beat('?lastDirtyTimestamp=9999999999999', { ...replication, remark: 'of a peer that knows a newer one' }),

  step('override', `PUT ${one}/status?value=OUT_OF_SERVICE`),
  ...documents('overridden', { differs: inXmlOnly, remark: firstVersion }),
  register(instance, { remark: 'overridden' }),
  beat('', { remark: 'overridden' }),
  step('one instance', `GET ${one}`, { remark: 'overridden, registered again' }),
  step('override', 'PUT /apps/ORDERS/none/status?value=UP', { remark: 'unknown' }),
  step('override', `PUT ${one}/status?value=ASLEEP`, { differs: ['json'], unlessStrict: true, remark: `no status; ${ownFault}` }),
  step('override', `PUT ${one}/status`, { differs: ['json'], unlessStrict: true, remark: `without value; ${ownFault}` }),
  step('server', 'GET /serverinfo/statusoverrides', { differs: ['json'], remark: notThere }),
  step('remove override', `DELETE ${one}/status?value=UP`),
  step('one instance', `GET ${one}`),
  step('override', `PUT ${one}/status?value=DOWN&lastDirtyTimestamp=1700000000000`),
  register({ ...instance, lastDirtyTimestamp: '1700000000001' }, { remark: 'overridden' }),
  step('one instance', `GET ${one}`, { remark: 'overridden' }),
  step('remove override', `DELETE ${one}/status`, { remark: 'without value: UNKNOWN' }),
  step('one instance', `GET ${one}`, { remark: 'UNKNOWN' }),
  beat('', { remark: 'UNKNOWN: must register' }),
  step('remove override', 'DELETE /apps/ORDERS/none/status', { remark: 'unknown' }),
  step('remove override', `DELETE ${one}/status?value=ASLEEP`, { differs: ['json'], unlessStrict: true, remark: `no status; ${ownFault}` }),
  register({ ...instance, lastDirtyTimestamp: '1700000000002', status: 'STARTING' }, { remark: 'STARTING' }),
  step('one instance', `GET ${one}`),
  register({ ...instance, lastDirtyTimestamp: '1700000000001', hostName: 'older' }, { remark: 'older than what is known' }),
  step('one instance', `GET ${one}`),
  register({ ...instance, lastDirtyTimestamp: '1700000000003' }),

  step('metadata', `PUT ${one}/metadata?weight=3&a_b%24=4`),
  step('metadata', `PUT ${one}/metadata`, { remark: 'none' }),
  step('metadata', 'PUT /apps/ORDERS/none/metadata?weight=3', { remark: 'unknown' }),
  ...documents('with metadata'),

  register(bare, { remark: 'as little as may be' }),
  step('one instance', 'GET /apps/ORDERS/bare', { forms: plain }),
  step('all', 'GET /apps', { forms: every, remark: 'two' }),
  batch('heartbeats', [
    { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 77, status: 'UP', action: 'Heartbeat' },
    { appName: 'ORDERS', id: 'none', lastDirtyTimestamp: 77, status: 'UP', action: 'Heartbeat' },
    { appName: 'ORDERS', id: 'h:orders:1', lastDirtyTimestamp: 5, status: 'UP', action: 'Heartbeat' },
    { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 9999, overriddenStatus: 'DOWN', status: 'UP', action: 'Heartbeat' },
  ]),
  batch('overrides', [
    { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 78, status: 'OUT_OF_SERVICE', action: 'StatusUpdate' },
    { appName: 'ORDERS', id: 'none', lastDirtyTimestamp: 78, status: 'OUT_OF_SERVICE', action: 'StatusUpdate' },
  ]),
  step('one instance', 'GET /apps/ORDERS/bare'),
  batch('overrides taken back', [
    { appName: 'ORDERS', id: 'bare', lastDirtyTimestamp: 79, status: 'UP', action: 'DeleteStatusOverride' },
    { appName: 'ORDERS', id: 'none', lastDirtyTimestamp: 79, status: 'UP', action: 'DeleteStatusOverride' },
  ]),
  step('one instance', 'GET /apps/ORDERS/bare'),
  batch('a registration', [
    {
      appName: 'USERS',
      id: 'u-1',
      lastDirtyTimestamp: 80,
      status: 'UP',
      instanceInfo: { ...instance, app: 'USERS', instanceId: 'u-1', unheardOf: undefined },
      action: 'Register',
    },
  ]),
  step('one app', 'GET /apps/USERS'),
  batch('cancellations', [
    { appName: 'ORDERS', id: 'h:orders:1', action: 'Cancel' },
    { appName: 'ORDERS', id: 'h:orders:1', action: 'Cancel' },
    { appName: 'USERS', id: 'u-1', action: 'Cancel' },
  ]),
  batch('nothing', [], '/peerreplication/batch'),
  step('all', 'GET /apps', { forms: every }),
  step('cancel', 'DELETE /apps/ORDERS/bare'),
  step('cancel', 'DELETE /apps/ORDERS/bare', { remark: 'again' }),
  step('all', 'GET /apps', { forms: every, differs: zipped, remark: `empty again; ${small}` }),
  step('delta', 'GET /apps/delta', { forms: plain, remark: 'all gone' }),

  // Under /v2, as Netflix had it.
  register(instance, { path: '/v2/apps/orders' }),
  step('heartbeat', `PUT /v2${one}`),
  step('override', `PUT /v2${one}/status?value=OUT_OF_SERVICE`),
  step('all', 'GET /v2/apps', { forms: every }),
  step('delta', 'GET /v2/apps/delta', { forms: every }),
  step('one app', 'GET /v2/apps/ORDERS', { forms: every }),
  step('one instance', `GET /v2${one}`, { forms: every, differs: inXmlOnly, remark: firstVersion }),
  step('one instance', 'GET /v2/instances/h:orders:1', { forms: every, differs: inXmlOnly, remark: firstVersion }),
  step('vip', 'GET /v2/vips/orders', { forms: plain }),
  step('vip', 'GET /v2/vips/shop', {
    forms: plain,
    differs: plain,
    remark: 'Eureka forgets to renew what it answers to one of several names',
  }),
  step('secure vip', 'GET /v2/svips/safe', { forms: plain }),
  step('remove override', `DELETE /v2${one}/status?value=UP`),
  step('metadata', `PUT /v2${one}/metadata?weight=3`),
  batch(
    'a heartbeat',
    [{ appName: 'ORDERS', id: 'none', lastDirtyTimestamp: 77, status: 'UP', action: 'Heartbeat' }],
    '/v2/peerreplication/batch/',
  ),
  step('cancel', `DELETE /v2${one}`),
  step('asg', 'PUT /v2/asg/group/status?value=ENABLED'),
  step('server', 'GET /v2/status', { forms: plain, differs: plain, remark: itself }),
  step('server', 'GET /v2/serverinfo/statusoverrides', { differs: ['json'], remark: notThere }),

  step('asg', 'PUT /asg/group/status?value=ENABLED'),
  step('asg', 'PUT /asg/group/status?value=ASLEEP', { remark: 'no status' }),
  step('server', 'GET /status', { forms: plain, differs: plain, remark: itself }),
  step('server', 'GET /serverinfo/statusoverrides', { forms: plain, differs: plain, remark: notThere }),
];
