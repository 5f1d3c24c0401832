/** Asks the routers themselves what they have, so that what is added to them is walked too. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { exchange } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import { type Given, open, type TestGateway } from '../support/gateways.ts';
import { ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

/** What the service says of every answer of its own. */
const MARK = 'x-served-by';

/** Has a route for everything; every other host for `/orders` alone. */
const CATCHES_ALL = 'all.example';
const HOSTS = ['shop.example', CATCHES_ALL];

/** Of an operator's, of the registry's, with parts that vary, and nothing at all: the kinds of paths there are. */
const OF_EACH_KIND = ['/metrics', '/openapi.json', '/eureka/v2/apps/x/x', '/services/x', '/'];

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

describe('What operators see is not to be had outside', () => {
  const servers = serversOfThisSuite();
  const folder = certificateFolder();
  servers.defer(() => folder.remove());
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  servers.defer(() => agent.destroy());
  let registryPort: number;
  let edge: TestGateway;
  let secure: TestGateway;
  let inside: TestGateway;
  let paths: readonly string[];

  before(async () => {
    const { url } = await servers.upstream((_, res) => void res.setHeader(MARK, 'the service').end('the service'));
    [registryPort = 0] = await freePorts(1);
    // Everything but a route for it; that for all hosts of one kind has that too.
    const { routes = [], ...given } = open(url, { route: { match: { pathPrefix: '/orders' } } });
    const all = routes.map((route) => ({
      ...route,
      name: 'all',
      match: { hosts: [CATCHES_ALL, '127.0.0.1', 'localhost'], pathPrefix: '/' },
    }));
    const both: Given = { ...given, routes: [...routes, ...all] };
    const { certFile: cert, keyFile: key } = await folder.localhost();
    edge = await servers.public(both);
    inside = await servers.private({ ...both, registry: { embedded: { port: registryPort } } });
    secure = await servers.public({ ...both, public: { listen: { tls: { cert, key } } } }, { directory: folder.path });
    const known = [...edge.inside, ...inside.inside];
    paths = [...new Set(known.map((path) => path.replaceAll(/:(\w+)/g, 'x').replaceAll(/\{[^}]*\}|\(.*?\)|\*/g, '')))];
  });

  /** Whoever answers but a service or the gateway itself, in its own words, is whom nobody outside may hear. */
  const whoAnswered = (status: number, headers: IncomingHttpHeaders): string => {
    if (headers[MARK] !== undefined) return 'the service';
    if (status === 0) return 'nobody';
    // What is no HTTP is answered before it is a request that could have an id, and on a connection that ends with it.
    const own = headers['x-request-id'] !== undefined || (status === 400 && headers['connection'] === 'close');
    return own && headers['content-type'] === 'application/problem+json' ? 'the gateway' : 'another';
  };
  /** To the letter, on a connection that is kept. */
  const tell = (port: number, path: string, { method = 'GET', headers = {} }: Asking): Promise<string> =>
    new Promise((resolve) => {
      const sent = request({ port, path, method, headers: { host: 'shop.example', ...headers }, agent });
      sent.on('response', (res) => res.resume().on('close', () => resolve(whoAnswered(res.statusCode ?? 0, res.headers))));
      sent.on('upgrade', (_, socket) => socket.on('close', () => resolve('a tunnel')).destroy());
      sent.on('error', () => resolve('nobody')).end();
    });
  /** Each of these requests, some at a time; whoever answered at all. */
  const walk = async (gateways: readonly TestGateway[], requests: readonly (readonly [string, Asking?])[]): Promise<Set<string>> => {
    const left = gateways.flatMap((gateway) => requests.map((request) => [gateway, ...request] as const));
    const answered = new Set<string>();
    const worker = async () => {
      for (let next = left.pop(); next; next = left.pop()) {
        const [gateway, target, asking = {}] = next;
        const by = await tell(gateway.port, target, asking);
        const at = gateway === edge ? 'public' : 'private';
        const catchesAll = asking.headers?.['host'] !== undefined || target.includes('://');
        const seen = `${at}: ${asking.method ?? 'GET'} ${target} ${JSON.stringify(asking.headers ?? {})}`;
        expect(['nobody', 'the gateway', ...(catchesAll ? ['the service'] : [])], seen).to.include(by);
        answered.add(by);
      }
    };
    await Promise.all(Array.from({ length: 16 }, worker));
    return answered;
  };
  const toEachHost = (targets: readonly string[], method = 'GET') =>
    targets.flatMap((target) => HOSTS.map((host) => [target, { method, ...(host === CATCHES_ALL ? { headers: { host } } : {}) }] as const));

  it('there is something to hide: the admin port and the registry answer', async () => {
    expect(paths).to.include.members([...OF_EACH_KIND.filter((path) => path !== '/services/x'), '/livez', '/readyz', '/cache/purge']);
    expect(paths).to.include.members(['/hystrix.stream', '/eureka/apps', '/eureka/peerreplication/batch', '/eureka/events']);
    for (const [port, path] of [
      [Number(new URL(inside.admin).port), '/metrics'],
      [registryPort, '/eureka/apps'],
    ] as const) {
      expect((await askInside(port, path)).status).to.equal(200);
      expect(await tell(port, path, { headers: { host: 'localhost' } })).to.equal('another');
    }
  });

  it('by no path of theirs', async () => {
    expect([...(await walk([edge, inside], toEachHost(paths)))]).to.have.members(['the gateway', 'the service']);
    expect([...(await walk([edge, inside], toEachHost(paths, 'POST')))]).to.have.members(['the gateway', 'the service']);
  });

  it('by no spelling of a path', async () => {
    const spellings = (path: string) => {
      const [first = '', ...rest] = path.slice(1);
      return [
        path.toUpperCase(),
        `${path}/`,
        `/${path}`,
        `//${path}`,
        `/.${path}`,
        `/x/..${path}`,
        `/x/%2e%2e${path}`,
        `/%2e%2e${path}`,
        `/%2E${path}`,
        `/%2f${path.slice(1)}`,
        `/x%2f..%2f${path.slice(1)}`,
        `/\\${path.slice(1)}`,
        `/x/..\\${path.slice(1)}`,
        path.replaceAll('/', '%2f').replace('%2f', '/'),
        `${path};a=b`,
        `/;${path}`,
        `/..;${path}`,
        `${path}%00`,
        `${path}%20`,
        `${path}?verbose`,
        `${path}%3fverbose`,
        `${path}#x`,
        first === '' ? path : `/%${first.charCodeAt(0).toString(16)}${rest.join('')}`,
        path.replace('.', '%2e'),
        path.slice(1),
      ];
    };
    await walk([edge, inside], toEachHost(OF_EACH_KIND.flatMap(spellings)));
  });

  it('by no method', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PURGE'])
      await walk([edge, inside], toEachHost(OF_EACH_KIND, method));
  });

  it('by no host, proxy or field that other servers believe', async () => {
    const registry = `localhost:${registryPort}`;
    for (const gateway of [edge, inside]) {
      const { host, port } = new URL(gateway.admin);
      const at = (headers: Record<string, string>, method = 'GET') => ['/', { headers, method }] as const;
      await walk(
        [gateway],
        OF_EACH_KIND.flatMap((path) => [
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
          [path, { headers: { 'x-postern-debug': '1' } }],
        ]),
      );
    }
  });

  it('through no tunnel', async () => {
    for (const gateway of [edge, inside]) {
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
        expect(raw).to.not.match(/^HTTP\/1\.1 2/);
        expect(raw).to.not.include('# HELP');
      }
    }
  });

  it('and not by HTTP/2', async () => {
    const { host } = new URL(secure.admin);
    const answer = (session: ClientHttp2Session, headers: Record<string, string>) =>
      new Promise<string>((resolve) => {
        let by = 'nobody';
        const stream = session.request(headers, { endStream: true });
        stream.on('response', (got) => {
          by = whoAnswered(got[':status'] ?? 0, got);
        });
        stream
          .on('error', () => {})
          .on('close', () => resolve(by))
          .resume();
      });
    const answered = new Set<string>();
    const told = async (session: ClientHttp2Session, headers: Record<string, string>) => {
      const by = await answer(session, headers);
      expect(['nobody', 'the gateway', 'the service'], JSON.stringify(headers)).to.include(by);
      answered.add(by);
    };
    const connected = () => connectHttp2(secure.url, { rejectUnauthorized: false }).on('error', () => {});
    const shared = connected();
    await Promise.all(paths.map((path) => told(shared, { ':path': path, ':authority': CATCHES_ALL })));
    shared.destroy();
    for (const path of OF_EACH_KIND) {
      for (const headers of [
        { ':path': path },
        { ':path': path, ':authority': host },
        { ':path': `//${host}${path}` },
        { ':path': `/x/%2e%2e${path}`, ':scheme': 'http' },
        { ':path': path, ':method': 'POST', 'x-original-url': path },
      ]) {
        // Of one that is no request, the connection may end.
        const session = connected();
        await told(session, headers);
        session.destroy();
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
