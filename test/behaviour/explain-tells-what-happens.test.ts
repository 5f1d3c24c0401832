import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import type { ProblemCode } from '../../core/problem.ts';
import type { TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { explained } from './support/asking-why.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { jwt, tokenFor } from './support/tokens.ts';

/** The step that refuses with it. */
const steps: Partial<Record<ProblemCode, string>> = {
  'bad-request': 'limits',
  'body-too-large': 'limits',
  'not-implemented': 'limits',
  'ambiguous-target': 'canonicalPath',
  'unknown-caller': 'identifyCaller',
  'no-route': 'matchRoute',
  'method-not-allowed': 'matchRoute',
  overloaded: 'overload',
  unauthenticated: 'authenticate',
  'invalid-token': 'authenticate',
  'insufficient-scope': 'authorize',
  'rate-limited': 'rateLimit',
  'contract-violated': 'validateRequest',
  'no-operation': 'validateRequest',
  'not-stored': 'cache',
  'circuit-open': 'forward',
  'no-endpoint': 'forward',
};

interface Asked {
  readonly says: string;
  readonly target: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly claims?: Record<string, unknown>;
  readonly from?: string;
  /** Where the code alone does not tell; null where any will do. */
  readonly step?: string | null;
}

/** Of a request that was sent: the route that its line in the log must name. */
interface Logged {
  readonly requestId: string | undefined;
  readonly route: string | undefined;
  readonly asked: string;
}

/** Field by field, each with what gateways heed in it. */
const fields: Readonly<Record<string, readonly string[]>> = {
  accept: ['json', '*/*'],
  'access-control-request-method': ['GET', 'DELETE'],
  authorization: ['Basic x', 'Bearer  x'],
  'cache-control': ['no-store', 'only-if-cached', 'no-cache', 'max-age=0'],
  connection: ['upgrade', 'close', 'x-canary'],
  'content-length': ['0', '2000'],
  cookie: ['other=x', 'session=x; session=y'],
  forwarded: ['for=127.0.0.2', ';;='],
  'if-none-match': ['"x"'],
  origin: ['https://shop.example', 'https://evil.example', 'null'],
  range: ['bytes=0-1'],
  'sec-fetch-site': ['cross-site', 'same-origin'],
  upgrade: ['websocket'],
  via: ['1.1 public-gateway', '1.1 private-gateway', '1.1 other'],
  'x-canary': ['yes', 'no'],
  'x-forwarded-for': ['127.0.0.1', '127.0.0.3', '10.1.1.1', 'nobody'],
  'x-gateway-attempts': ['1/3'],
  'x-gateway-time-left': ['0', '60000'],
};

/** Any request for these paths, of anybody who may not be who the route is for. */
function anyRequest(paths: readonly string[], claims: fc.Arbitrary<Record<string, unknown> | undefined>, sources: readonly string[]) {
  const path = fc
    .constantFrom(...paths)
    .chain((prefix) => fc.constantFrom('', '/', '/a', '/a%2Db', '//a', '/./a', '/%2e%2e/a', '/;a').map((end) => prefix + end));
  const some = fc
    .constantFrom(...Object.entries(fields))
    .chain(([name, values]) => fc.tuple(fc.constant(name), fc.constantFrom(...values)));
  return fc
    .record({
      path,
      query: fc.constantFrom('', '?', '?size=3', '?size=big', '?%zz'),
      method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'OPTIONS', 'DELETE', 'TRACE'),
      headers: fc
        .uniqueArray(some, { maxLength: 3, selector: ([name]) => name })
        .map((all): Record<string, string> => Object.fromEntries(all)),
      claims,
      from: fc.constantFrom(...sources),
    })
    .map(
      ({ path, query, headers: { authorization, ...headers }, claims, ...rest }): Asked => ({
        says: 'anything',
        target: path + query,
        // What a token says of itself comes in its place.
        headers: { ...headers, ...(claims === undefined && authorization !== undefined ? { authorization } : {}) },
        ...(claims === undefined ? {} : { claims }),
        step: null,
        ...rest,
      }),
    );
}

const contract = `openapi: 3.1.0
info: { title: stock, version: '1' }
paths:
  /contract/{item}:
    get:
      operationId: item
      parameters:
        - { name: item, in: path, required: true, schema: { type: string } }
        - { name: size, in: query, schema: { type: integer } }
      responses: { '200': { description: it } }
`;

describe('Explain tells what happens', () => {
  const servers = serversOfThisSuite();
  let folder: string;
  let url: string;
  let upstream: Upstream;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-explain-'));
    writeFileSync(join(folder, 'contract.yaml'), contract);
    const started = await servers.upstream((req, res) => {
      req.resume();
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ url: req.url }));
    });
    upstream = started;
    url = started.url;
  });
  after(() => rmSync(folder, { recursive: true }));

  const services = () => ({
    upstream: { endpoints: [url] },
    other: { endpoints: [url] },
    contracted: { endpoints: [url], openapi: './contract.yaml' },
    shut: { endpoints: [url], circuitBreaker: { force: 'open' } },
  });

  const route = (name: string, path: string, expose: object, more: object = {}) => ({
    name,
    match: { pathPrefix: path },
    service: 'upstream',
    expose,
    ...more,
  });

  /** Sends it and explains it: status, code and step must be the same, and what reaches the service too. Resolves to what the log must say. */
  async function agree(gateway: TestGateway, { target, method = 'GET', headers = {}, claims, from, step }: Asked): Promise<Logged> {
    const subject = String(claims?.['sub'] ?? '');
    const token = claims ? { authorization: `Bearer ${await tokenFor(subject, claims)}` } : {};
    const described = {
      method,
      url: target,
      headers: { host: 'shop.example', ...headers, ...token },
      from: from ?? '127.0.0.1',
      ...(claims ? { as: claims } : {}),
    };
    const explanation = await explained(gateway, described);
    const before = upstream.requests.length;
    const body = 'x'.repeat(Number(headers['content-length'] ?? 0));
    const answer = await ask(gateway.port, target, { method, headers: { ...headers, ...token }, body, ...(from ? { from } : {}) });
    const reached = upstream.requests.length > before;
    const code = answer.header('content-type') === 'application/problem+json' ? (answer.json()['code'] as ProblemCode) : null;
    expect(explanation.code, `code of ${answer.status}`).to.equal(code);
    expect(explanation.status ?? 200, 'status').to.equal(answer.status);
    expect(explanation.status === null, 'asks the service').to.equal(reached);
    if (code !== null && step !== null) expect(explanation.decidedBy).to.equal(step ?? steps[code]);
    else if (step) expect(explanation.decidedBy).to.equal(step);
    if (reached && explanation.decidedBy === 'forward') expect(upstream.requests.at(-1)?.url, 'path').to.equal(explanation.path);
    if (reached && explanation.parts)
      expect(upstream.requests.slice(before).map((one) => one.url)).to.have.members(
        explanation.parts.filter(({ admitted }) => admitted).map(({ path }) => path),
      );
    return { requestId: answer.header('x-request-id'), route: explanation.route?.name, asked: `${method} ${target}` };
  }

  /** Lines are written some time after: waited for together. */
  async function logSays(gateway: TestGateway, all: readonly Logged[]): Promise<void> {
    const routes = await eventually(
      () => new Map(gateway.logged().flatMap((line) => (line['event'] === 'request' ? [[line['requestId'], line['route']]] : []))),
      (lines) => all.every(({ requestId }) => lines.has(requestId)),
    );
    for (const { requestId, route, asked } of all) expect(route, `route of ${asked}`).to.equal(routes.get(requestId));
  }

  async function alwaysAgree(gateway: TestGateway, requests: fc.Arbitrary<Asked>): Promise<void> {
    const all: Logged[] = [];
    const one = fc.asyncProperty(requests, async (asked) => void all.push(await agree(gateway, asked)));
    await fc.assert(one, { numRuns: 200 });
    await logSays(gateway, all);
  }

  describe('at the public gateway', () => {
    let gateway: TestGateway;

    before(async () => {
      gateway = await servers.public(
        {
          services: services(),
          routes: [
            route('open', '/open', { public: { access: 'anonymous' } }, { rewrite: { stripPrefix: '/open' } }),
            route('limited', '/limited', { public: { access: 'anonymous', rateLimit: '1/h' } }),
            route('mine', '/mine', { public: {} }, { match: { path: '/mine/{part}' }, rewrite: { path: '/users/{claims.sub}/{part}' } }),
            route(
              'scoped',
              '/scoped',
              { public: { scopes: ['orders:read'] } },
              { match: { pathPrefix: '/scoped', methods: ['GET', 'POST'] } },
            ),
            route('admins', '/admins', { public: { claims: { role: ['admin'] } } }),
            route(
              'canary',
              '/canary',
              { public: { access: 'anonymous' } },
              {
                service: undefined,
                split: [
                  { service: 'upstream', weight: 1 },
                  { service: 'shut', weight: 0, match: { headers: { 'x-canary': 'yes' } } },
                ],
              },
            ),
            route(
              'exact',
              '/open/json',
              { public: { access: 'anonymous' } },
              { match: { path: '/open/json', headers: { accept: 'json' } } },
            ),
            route(
              'whole',
              '/whole',
              { public: { access: 'anonymous' } },
              {
                service: undefined,
                split: [
                  { service: 'shut', weight: 1 },
                  { service: 'upstream', weight: 0, match: { headers: { 'x-canary': 'yes' } } },
                ],
              },
            ),
            route('shut', '/shut', { public: { access: 'anonymous' } }, { service: 'shut' }),
            route(
              'instead',
              '/instead',
              { public: { access: 'anonymous' } },
              { service: 'shut', fallback: { status: 203, body: 'later' } },
            ),
            route('other', '/other', { public: { access: 'anonymous' } }, { service: 'shut', fallback: { service: 'other' } }),
            route('cached', '/cached', { public: { access: 'anonymous' } }, { cache: { ttl: '1h', clientDirectives: true } }),
            route(
              'contract',
              '/contract',
              { public: { access: 'anonymous' } },
              { service: 'contracted', validate: { request: 'enforce' } },
            ),
            route(
              'pages',
              '/pages',
              { public: {} },
              {
                service: undefined,
                aggregate: {
                  parts: { me: { service: 'upstream', path: '/users/{claims.sub}' }, news: { service: 'other', path: '/news' } },
                },
              },
            ),
            route('moved', '/moved', { public: { access: 'anonymous' } }, { filters: [{ redirect: { to: '/open{path}', status: 308 } }] }),
            route(
              'changed',
              '/changed',
              { public: { access: 'anonymous' } },
              { filters: [{ stripPrefix: '/changed' }, { prefixPath: '/new' }] },
            ),
            route(
              'broken',
              '/broken',
              { public: { access: 'anonymous' } },
              { filters: [{ abort: { status: 502, sample: '100%', public: true } }] },
            ),
            route('inside', '/inside', { private: { callers: ['tests'] } }),
          ].map(({ service, ...rest }) => (service === undefined ? rest : { service, ...rest })),
          public: {
            jwt: { ...jwt, from: ['bearer', { cookie: 'session' }] },
            cors: { origins: ['https://shop.example'], credentials: true },
            openapi: '/openapi.json',
            rateLimit: '1000/m',
            limits: { body: '1KiB' },
          },
          private: { callers: { tests: { from: ['127.0.0.1'] } } },
        },
        { directory: folder },
      );
    });

    const ada = { sub: 'ada', scope: 'orders:read' };
    const preflight = (origin: string) => ({ origin, 'access-control-request-method': 'GET' });
    const table: readonly Asked[] = [
      { says: 'an open route', target: '/open/a/b?c=d' },
      { says: 'an escaped path', target: '/open/a%2Db' },
      { says: 'a traversal', target: '/open/%2e%2e/mine' },
      { says: 'a better route', target: '/open/json', headers: { accept: 'json' } },
      { says: 'a route whose field is not there', target: '/open/json' },
      { says: 'no route', target: '/nowhere' },
      { says: 'a route of the other gateway', target: '/inside' },
      { says: 'a method that none takes', target: '/scoped', method: 'DELETE' },
      { says: 'a method that nobody serves', target: '/open', method: 'TRACE' },
      { says: 'a body that is too large', target: '/open', method: 'POST', headers: { 'content-length': '2000' } },
      { says: 'the document', target: '/openapi.json', step: 'openapi' },
      { says: 'no token', target: '/mine/x' },
      { says: 'a token', target: '/mine/x', claims: ada },
      { says: 'a subject that is no element of a path', target: '/mine/x', claims: { sub: 'a/../b' }, step: 'outgoing' },
      { says: 'a scope', target: '/scoped', claims: ada },
      { says: 'another scope', target: '/scoped', claims: { sub: 'bob', scope: 'orders:write' } },
      { says: 'no scope', target: '/scoped', claims: { sub: 'bob' } },
      { says: 'a claim', target: '/admins', claims: { sub: 'eve', role: 'admin' } },
      { says: 'another claim', target: '/admins', claims: { sub: 'eve', role: ['user'] }, step: 'authorize' },
      { says: 'a token beside cookies that differ', target: '/mine/x', claims: ada, headers: { cookie: 'session=x; session=y' } },
      { says: 'an ID token', target: '/mine/x', claims: { sub: 'eve', nonce: 'n' } },
      { says: 'a token that is none', target: '/mine/x', headers: { authorization: 'Bearer  x' } },
      { says: 'a preflight', target: '/scoped', method: 'OPTIONS', headers: preflight('https://shop.example'), step: 'cors' },
      { says: 'a preflight of a stranger', target: '/scoped', method: 'OPTIONS', headers: preflight('https://evil.example'), step: 'cors' },
      {
        says: 'a page of another site',
        target: '/scoped',
        method: 'POST',
        headers: { origin: 'https://evil.example', cookie: 'session=x' },
        step: 'crossSite',
      },
      {
        says: 'a page of another site that names a protocol and does not ask for it',
        target: '/mine/x',
        headers: { origin: 'https://evil.example', upgrade: 'websocket' },
      },
      { says: 'the last of a quota', target: '/limited' },
      { says: 'a quota that is spent', target: '/limited' },
      { says: 'the branch by weight', target: '/canary' },
      { says: 'the branch by a field', target: '/canary', headers: { 'x-canary': 'yes' } },
      { says: 'the only branch that has a lot', target: '/whole' },
      { says: 'an open breaker', target: '/shut' },
      { says: 'a prepared answer', target: '/instead', step: 'forward' },
      { says: 'another service', target: '/other/a', step: 'forward' },
      { says: 'only what is stored, and nothing is', target: '/cached', headers: { 'cache-control': 'only-if-cached' } },
      { says: 'what is not stored yet', target: '/cached/a' },
      { says: 'what is stored', target: '/cached/a', step: 'cache' },
      { says: 'what is stored for another query', target: '/cached/a?b', step: 'forward' },
      { says: 'what is not to be stored', target: '/cached/a', headers: { 'cache-control': 'no-store' }, step: 'forward' },
      { says: 'an operation', target: '/contract/lamp?size=3' },
      { says: 'an operation with a wrong parameter', target: '/contract/lamp?size=big' },
      { says: 'no operation', target: '/contract' },
      { says: 'a redirect', target: '/moved/a', step: 'filters' },
      { says: 'a path that filters change', target: '/changed/a?b', step: 'forward' },
      { says: 'a failure on purpose', target: '/broken', step: 'filters' },
      { says: 'parts', target: '/pages', claims: ada, step: 'aggregate' },
      { says: 'parts without a token', target: '/pages' },
    ];
    const sent: Logged[] = [];
    for (const asked of table) it(`to ${asked.says}`, async () => void sent.push(await agree(gateway, asked)));

    it('to all of them, as the log says', () => logSays(gateway, sent));

    it('to whatever is asked', async () => {
      const paths = ['/open', '/limited', '/mine', '/scoped', '/admins', '/canary', '/whole', '/open/json', '/shut', '/instead', '/other'];
      const more = ['/cached', '/contract', '/pages', '/moved', '/changed', '/broken', '/inside', '/nowhere', '/openapi.json'];
      const claims = fc.constantFrom(undefined, undefined, ada, { sub: 'bob' }, { sub: '..' }, { sub: 'eve', role: ['admin'], nonce: 'n' });
      const requests = anyRequest([...paths, ...more], claims, ['127.0.0.1', '127.0.0.2']);
      await alwaysAgree(gateway, requests);
    }).timeout(60_000);
  });

  describe('at the private gateway', () => {
    let gateway: TestGateway;

    before(async () => {
      gateway = await servers.private(
        {
          services: services(),
          routes: [
            route('stock', '/stock', { private: { callers: ['shop'] } }),
            route('limited', '/limited', { private: { callers: ['shop', 'slow'] } }),
            route('news', '/news', { private: { callers: ['shop'] } }, { service: 'other' }),
            {
              ...route('page', '/page', { private: { callers: ['shop'] } }),
              service: undefined,
              aggregate: { parts: { stock: { service: 'upstream', path: '/stock' }, secret: { service: 'other', path: '/secret' } } },
            },
            {
              ...route('needs', '/needs', { private: { callers: ['shop'] } }),
              service: undefined,
              aggregate: { parts: { secret: { service: 'other', path: '/secret', required: true } } },
            },
          ].map(({ service, ...rest }) => (service === undefined ? rest : { service, ...rest })),
          private: {
            trustedProxies: ['127.0.0.9'],
            callers: { shop: { from: ['127.0.0.1'] }, slow: { from: ['127.0.0.2'], rateLimit: '1/h' }, other: { from: ['127.0.0.3'] } },
            rateLimit: '100/s',
          },
        },
        { directory: folder },
      );
    });

    const by = (client: string) => ({ from: '127.0.0.9', headers: { 'x-forwarded-for': client } });
    const table: readonly Asked[] = [
      { says: 'a caller that is named', target: '/stock/a' },
      { says: 'a caller that is not', target: '/stock/a', from: '127.0.0.3', step: 'acl' },
      { says: 'a stranger', target: '/stock/a', from: '127.0.0.4' },
      { says: 'a stranger, whom a trusted proxy names', target: '/stock/a', ...by('10.1.1.1') },
      { says: 'a caller whom a trusted proxy names', target: '/stock/a', ...by('127.0.0.1') },
      { says: 'contradictory words of a proxy', target: '/stock/a', from: '127.0.0.9', headers: { forwarded: ';;=' } },
      { says: 'a loop', target: '/stock/a', headers: { via: '1.1 private-gateway' }, step: 'outgoing' },
      { says: 'the last of a quota that the caller brings', target: '/limited', from: '127.0.0.2' },
      { says: 'a quota of a caller that is spent', target: '/limited', from: '127.0.0.2' },
      { says: 'a caller who waits no longer', target: '/stock/a', headers: { 'x-gateway-time-left': '0' }, step: 'deadline' },
      { says: 'parts of which one is not for it', target: '/page', step: 'aggregate' },
      { says: 'a part that it needs and may not have', target: '/needs', step: 'aggregate' },
      { says: 'parts, by a caller who waits no longer', target: '/page', headers: { 'x-gateway-time-left': '0' }, step: 'aggregate' },
    ];
    const sent: Logged[] = [];
    for (const asked of table) it(`to ${asked.says}`, async () => void sent.push(await agree(gateway, asked)));

    it('to all of them, as the log says', () => logSays(gateway, sent));

    it('to whatever is asked', async () => {
      const sources = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.9'];
      const requests = anyRequest(['/stock', '/limited', '/news', '/page', '/needs', '/nowhere'], fc.constant(undefined), sources);
      await alwaysAgree(gateway, requests);
    }).timeout(60_000);
  });

  it('at a gateway that is overloaded', async () => {
    const level = 1.2;
    const gateway = await servers.public(
      { services: services(), routes: [route('open', '/', { public: { access: 'anonymous' } })] },
      { directory: folder, pressure: { level: () => level, stop() {} } },
    );
    await logSays(gateway, [await agree(gateway, { says: '', target: '/' })]);
  });
});
