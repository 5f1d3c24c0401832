/** Asks the routers themselves what they have, so that what is added to them is walked too. */
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { exchange } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import { type Given, open, type TestGateway } from '../support/gateways.ts';
import { type Answer, type Asking, ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

/** What the service says of every answer of its own. */
const MARK = 'x-served-by';

interface Walked {
  readonly name: string;
  readonly gateway: TestGateway;
  /** Whether a request of any path may end at the service. */
  readonly catchesAll: boolean;
}

describe('What operators see is not to be had outside', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  let serviceUrl: string;
  let registryPort: number;
  let secure: TestGateway;
  const walked: Walked[] = [];
  const paths = new Set<string>();

  /** Everything but a route for it; the catch-all has that too. */
  const givenWith = (catchesAll: boolean, more: Pick<Given, 'public' | 'registry'> = {}): Given => ({
    ...open(serviceUrl, catchesAll ? {} : { route: { match: { pathPrefix: '/orders' } } }),
    ...more,
  });

  before(async () => {
    serviceUrl = (await servers.upstream((_, res) => void res.setHeader(MARK, 'the service').end('the service'))).url;
    [registryPort = 0] = await freePorts(1);
    const inside = await servers.private(givenWith(false, { registry: { embedded: { port: registryPort } } }));
    walked.push({ name: 'private', gateway: inside, catchesAll: false });
    walked.push({ name: 'private, one route for all', gateway: await servers.private(givenWith(true)), catchesAll: true });
    walked.push({ name: 'public', gateway: await servers.public(givenWith(false)), catchesAll: false });
    walked.push({ name: 'public, one route for all', gateway: await servers.public(givenWith(true)), catchesAll: true });
    const { certFile: cert, keyFile: key } = await folder.localhost();
    secure = await servers.public(givenWith(true, { public: { listen: { tls: { cert, key } } } }), { directory: folder.path });
    for (const { gateway } of walked) {
      for (const path of gateway.inside) paths.add(path.replaceAll(/:(\w+)/g, 'x').replaceAll(/\{[^}]*\}|\(.*?\)|\*/g, ''));
    }
  });

  /** Whoever answers but a service or the gateway itself, in its own words, is whom nobody outside may hear. */
  const whoAnswered = (status: number, header: (name: string) => string | undefined): string => {
    if (header(MARK) !== undefined) return 'the service';
    if (status === 0) return 'nobody';
    // What is no HTTP is answered before it is a request that could have an id, and on a connection that ends with it.
    const own = header('x-request-id') !== undefined || (status === 400 && header('connection') === 'close');
    return own && header('content-type') === 'application/problem+json' ? 'the gateway' : 'another';
  };
  const walk = async (walked: Walked, target: string, asking: Asking = {}): Promise<void> => {
    const answer = await ask(walked.gateway.port, target, asking);
    const by = whoAnswered(answer.status, (name) => answer.headers[name]?.[0]);
    const seen = `${walked.name}: ${asking.method ?? 'GET'} ${target} ${JSON.stringify(asking.headers ?? {})}: ${answer.raw.slice(0, 300)}`;
    expect(['nobody', 'the gateway', ...(walked.catchesAll ? ['the service'] : [])], seen).to.include(by);
  };
  /** Of every gateway, each of these requests; a few at a time. */
  const walkAll = async (requests: (path: string, at: Walked) => readonly (readonly [string, Asking?])[], only = walked): Promise<void> => {
    const left = only.flatMap((at) => [...paths].flatMap((path) => requests(path, at).map((request) => [at, ...request] as const)));
    const worker = async () => {
      for (let next = left.pop(); next; next = left.pop()) await walk(next[0], next[1], next[2]);
    };
    await Promise.all(Array.from({ length: 16 }, worker));
  };

  it('there is something to hide: the admin port and the registry answer', async () => {
    expect([...paths]).to.include.members(['/metrics', '/livez', '/readyz', '/cache/purge', '/hystrix.stream', '/openapi.json']);
    expect([...paths]).to.include.members(['/', '/eureka/apps', '/eureka/v2/apps/x/x', '/eureka/peerreplication/batch', '/eureka/events']);
    const { port } = new URL(walked[0]?.gateway.admin ?? '');
    const byItself: Answer[] = [await ask(Number(port), '/metrics'), await askInside(registryPort, '/eureka/apps')];
    for (const answer of byItself) {
      expect(answer.status).to.equal(200);
      expect(whoAnswered(answer.status, (name) => answer.headers[name]?.[0])).to.equal('another');
    }
  });

  it('by no spelling of a path', async function () {
    this.timeout(180_000);
    // The two read paths with the same code, and it is the public one that strangers reach.
    const edges = walked.filter(({ name }) => name.startsWith('public'));
    await walkAll((path) => {
      const [first = '', ...rest] = path.slice(1);
      const coded = `/%${first.charCodeAt(0).toString(16)}${rest.join('')}`;
      return [
        [path],
        [path.toUpperCase()],
        [`${path}/`],
        [`/${path}`],
        [`//${path}`],
        [`/.${path}`],
        [`/x/..${path}`],
        [`/x/%2e%2e${path}`],
        [`/%2e%2e${path}`],
        [`/%2E${path}`],
        [`/%2f${path.slice(1)}`],
        [`/x%2f..%2f${path.slice(1)}`],
        [`/\\${path.slice(1)}`],
        [`/x/..\\${path.slice(1)}`],
        [path.replaceAll('/', '%2f').replace('%2f', '/')],
        [`${path};a=b`],
        [`/;${path}`],
        [`/..;${path}`],
        [`${path}%00`],
        [`${path}%20`],
        [`${path}?verbose`],
        [`${path}%3fverbose`],
        [`${path}#x`],
        ...(first === '' ? [] : ([[coded]] as const)),
        ...(path.includes('.') ? ([[path.replace('.', '%2e')]] as const) : []),
        [path.slice(1)],
      ];
    }, edges);
  });

  it('by no method', async function () {
    this.timeout(180_000);
    const methods = ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PURGE'];
    await walkAll((path) => methods.map((method) => [path, { method }] as const));
  });

  it('by no host, proxy or field that other servers believe', async function () {
    this.timeout(180_000);
    await walkAll((path, { gateway, name }) => {
      const { host, port } = new URL(gateway.admin);
      const registry = `localhost:${registryPort}`;
      const at = (headers: Record<string, string>, method = 'GET') => ['/', { headers, method }] as const;
      return [
        [path, { headers: { host } }],
        [path, { headers: { host: registry } }],
        [path, { headers: { host: `localhost:${port}` } }],
        [`http://${host}${path}`],
        [`http://${registry}${path}`, { headers: { host: registry } }],
        [`HTTP://${host.toUpperCase()}${path}`],
        at({ 'x-original-url': path }),
        at({ 'x-rewrite-url': path }),
        at({ 'x-forwarded-prefix': path, 'x-forwarded-host': host, 'x-forwarded-port': port }),
        at({ 'x-forwarded-uri': path, 'x-forwarded-path': path }),
        at({ 'x-http-method-override': 'GET', 'x-original-url': path }, 'POST'),
        at({ destination: `http://${host}${path}` }, 'COPY'),
        [path, { headers: { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAA' } }],
        [path, { headers: { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings', 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' } }],
        [`${path}?${name.length}`, { headers: { 'x-postern-debug': '1' } }],
      ];
    });
  });

  it('through no tunnel', async () => {
    for (const { gateway, name } of walked) {
      for (const target of [new URL(gateway.admin).host, `127.0.0.1:${registryPort}`]) {
        const lines = [
          `CONNECT ${target} HTTP/1.1`,
          `Host: ${target}`,
          '',
          'GET /metrics HTTP/1.1',
          'Host: localhost',
          'Connection: close',
          '',
          '',
        ];
        const { raw } = await exchange(gateway.port, lines.join('\r\n'));
        expect(raw, name).to.not.match(/^HTTP\/1\.1 2/);
        expect(raw, name).to.not.include('# HELP');
      }
    }
  });

  it('and not by HTTP/2', async function () {
    this.timeout(180_000);
    const { host } = new URL(secure.admin);
    const asked = (headers: Record<string, string>) =>
      new Promise<[number, IncomingHttpHeaders]>((resolve) => {
        const client = connectHttp2(secure.url, { rejectUnauthorized: false });
        let answer: [number, IncomingHttpHeaders] = [0, {}];
        client.on('error', () => {}).on('close', () => resolve(answer));
        const stream = client.request(headers, { endStream: true });
        stream.on('response', (got) => {
          answer = [got[':status'] ?? 0, got];
        });
        stream.on('error', () => {}).on('close', () => client.destroy());
        stream.resume();
      });
    const answered = new Set<string>();
    for (const path of paths) {
      for (const headers of [
        { ':path': path },
        { ':path': path, ':authority': host },
        { ':path': `//${host}${path}` },
        { ':path': `/x/%2e%2e${path}`, ':scheme': 'http' },
        { ':path': path, ':method': 'POST', 'x-original-url': path },
      ]) {
        const [status, got] = await asked(headers);
        const by = whoAnswered(status, (name) => got[name] as string | undefined);
        expect(['nobody', 'the gateway', 'the service'], JSON.stringify(headers)).to.include(by);
        answered.add(by);
      }
    }
    expect([...answered]).to.include('the service');
  });
});

describe('A route to what operators see', () => {
  const servers = serversOfThisSuite();

  it('is none where it is found in a registry: such an endpoint is left out, and said so once', async () => {
    const [port = 0, admin = 0] = await freePorts(2);
    const { url, port: servicePort } = await servers.upstream();
    const service = { endpoints: undefined, registry: 'eureka', refresh: '1s' };
    const gateway = await servers.private({
      ...open(url, { service, private: { admin: { port: admin } } }),
      registry: { embedded: { port } },
    });
    const register = async (at: number) => {
      const known = { app: 'UPSTREAM', hostName: '127.0.0.1', ipAddr: '127.0.0.1', vipAddress: 'upstream', status: 'UP' };
      const dataCenterInfo = { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' };
      const instance = { ...known, instanceId: `upstream-${at}`, port: { $: at, '@enabled': 'true' }, dataCenterInfo };
      const body = JSON.stringify({ instance });
      const headers = { 'content-type': 'application/json' };
      expect((await askInside(port, '/eureka/apps/UPSTREAM', { method: 'POST', headers, body })).status).to.equal(204);
    };
    for (const at of [admin, port, servicePort]) await register(at);
    await eventually(
      async () => (await ask(gateway.port)).status,
      (status) => status === 200,
    );
    for (let turn = 0; turn < 12; turn += 1) {
      const answer = await ask(gateway.port, '/metrics');
      expect([answer.status, answer.json()['url']]).to.deep.equal([200, '/metrics']);
    }
    await gateway.stop();
    const refused = gateway.logged().filter(({ event }) => event === 'endpoint-refused');
    expect(refused.map(({ service, endpoint, reason }) => [service, endpoint, reason])).to.have.deep.members([
      ['upstream', `http://127.0.0.1:${admin}`, 'is private.admin'],
      ['upstream', `http://127.0.0.1:${port}`, 'is registry.embedded'],
    ]);
  });
});

describe('An answer at the edge', () => {
  const servers = serversOfThisSuite();
  const internal = {
    server: 'software/1.0',
    'x-powered-by': 'software',
    'x-gateway-caller': 'shop',
    'X-Gateway-Time-Left': '900',
    'x-gateway-attempts': '1/2',
    'x-gateway-mirror': '1',
    'x-postern-debug': '"open";total=1.000',
  };

  it('has nothing in it that is for services and operators, whatever the service says', async () => {
    const { url } = await servers.upstream((_, res) => void res.writeHead(200, { ...internal, 'x-own': 'told' }).end());
    const gateway = await servers.public(open(url));
    const { headers } = await ask(gateway.port, '/', { headers: { 'x-postern-debug': '1' } });
    expect(Object.keys(headers).sort()).to.deep.equal(['connection', 'date', 'transfer-encoding', 'via', 'x-own', 'x-request-id']);
    expect(headers['via']).to.deep.equal(['1.1 public-gateway']);
  });

  it('that the gateway gives itself has no more in it', async () => {
    const gateway = await servers.public(open('http://127.0.0.1:1', { route: { match: { pathPrefix: '/down' } } }));
    for (const target of ['/absent', '/down', '/%zz']) {
      const { headers, raw } = await ask(gateway.port, target, { headers: { 'x-postern-debug': '1' } });
      const told = [
        'connection',
        'content-type',
        'content-length',
        'date',
        'x-request-id',
        'proxy-status',
        'cache-control',
        'x-content-type-options',
      ];
      expect(told).to.include.members(Object.keys(headers));
      expect(raw).to.not.match(/127\.0\.0\.1|node|koa|undici|revision/i);
    }
  });

  it('inside tells what it did, which a caller may know', async () => {
    const { url } = await servers.upstream((_, res) => void res.writeHead(200, internal).end());
    const gateway = await servers.private(open(url));
    const { headers } = await ask(gateway.port);
    expect(headers).to.include.keys('server', 'server-timing', 'x-gateway-attempts');
    expect(headers).to.not.have.property('x-postern-debug');
  });
});
