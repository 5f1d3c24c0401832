import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './a-terminal.ts';

const demo = join(import.meta.dirname, '../../../deploy/example/postern.yaml');
const reference = join(import.meta.dirname, '../../config/reference.yaml');

/** The deciding step and the exit code. */
async function decision(section: 'public' | 'private', ...argv: string[]): Promise<string> {
  const { code, out } = await run(['explain', ...argv, '-c', reference], section);
  return `${code} ${/^=> (.*)$/m.exec(out)?.[1]?.replace(/ {2,}/, ' ')}`;
}

describe('explain', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-explain-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('names the step that decides', async () => {
    expect(await decision('public', 'GET', '/nowhere')).to.equal('1 matchRoute 404 no-route: no route takes it');
    expect(await decision('public', 'DELETE', '/orders')).to.equal('1 matchRoute 405 method-not-allowed: allowed are GET, HEAD, POST');
    expect(await decision('public', 'GET', '/orders')).to.equal(
      '1 authenticate 401 unauthenticated: the route asks for scopes orders:read, and the request has no token',
    );
    expect(await decision('public', 'GET', '/orders/1?x=y', '-H', 'Authorization: Bearer x')).to.equal(
      '0 forward to the service orders as /orders/1?x=y',
    );
    expect(await decision('private', 'GET', '/stock/1')).to.equal('0 forward to the service search as /stock/1');
    expect(await decision('public', 'GET', '/a/%2e%2e/orders')).to.match(/^1 canonicalPath 400 ambiguous-target/);
  });

  it('looks for tokens where the configuration does', async () => {
    const me = ['GET', '/me', '-H', 'Accept: json'];
    expect(await decision('public', ...me, '-H', 'Cookie: a=b; session=x')).to.equal(
      '0 forward to the service users as /users/{claims.sub}',
    );
    expect(await decision('public', ...me, '-H', 'Cookie: other=x')).to.match(/^1 authenticate 401/);
  });

  it('refuses the tokens that the gateway does', async () => {
    const orders = ['GET', '/orders', '-H'];
    expect(await decision('public', ...orders, 'Authorization: Bearer  x')).to.match(/^1 authenticate 401 invalid-token: .*one space/);
    expect(await decision('public', ...orders, 'Authorization: Basic x')).to.match(/^1 authenticate 401 unauthenticated/);
    expect(await decision('public', ...orders, 'Authorization: Bearer x', '-H', 'Cookie: session=y')).to.match(/different tokens$/);
    expect(await decision('public', ...orders, 'Authorization: Bearer x', '-H', 'authorization: Bearer y')).to.match(/two Authorization/);
  });

  it('answers a preflight as the public gateway does, and as the private one does not', async () => {
    const preflight = (origin: string) => ['OPTIONS', '/orders', '-H', `Origin: ${origin}`, '-H', 'Access-Control-Request-Method: POST'];
    expect(await decision('public', ...preflight('https://shop.example.com'))).to.equal(
      '0 cors 204 with permission for https://shop.example.com: a preflight needs no token',
    );
    expect(await decision('public', ...preflight('https://evil.example'))).to.match(/^1 cors 204 without permission/);
    expect(await decision('private', ...preflight('https://shop.example.com'))).to.match(/^1 matchRoute 405/);
  });

  it('refuses a page of another site that would use a cookie', async () => {
    const order = ['POST', 'https://api.example.com/orders', '-H', 'Cookie: session=x', '-H'];
    expect(await decision('public', ...order, 'Origin: https://evil.example')).to.match(/^1 crossSite 403 forbidden/);
    expect(await decision('public', ...order, 'Origin: https://shop.example.com')).to.match(/^0 forward/);
    expect(await decision('public', ...order, 'Origin: https://api.example.com')).to.match(/^0 forward/);
  });

  it('says where a stored answer may be given', async () => {
    const cached = async (method: string) =>
      / {2}cache +(.*)$/m.exec((await run(['explain', method, '/catalogue/lamp', '-c', demo], 'public')).out)?.[1];
    expect([await cached('GET'), await cached('OPTIONS')]).to.deep.equal(['unless an answer is stored that may be given', undefined]);
  });

  it('goes through the steps in the order of each pipeline', async () => {
    const steps = async (section: 'public' | 'private', ...argv: string[]) =>
      [...(await run(['explain', ...argv, '-c', reference], section)).out.matchAll(/^(?: {3}|=> )(\w+) {2,}(.*)$/gm)].map(
        ([, step, says]) => `${step}: ${says}`,
      );
    expect((await steps('private', 'POST', '/orders')).slice(0, 7)).to.deep.equal([
      'canonicalPath: /orders',
      "identifyCaller: 403 unless the caller's address or certificate is that of checkout, reporting, orders, which is not looked at here",
      'matchRoute: route place-order (/orders)',
      'acl: 403 unless the caller is checkout',
      'rateLimit: 1000 in 1s for checkout; 500 in 1s for each caller, the limit of the gateway',
      'retry: at most 1 more, on connect alone, for it is a POST',
      'forward: to the service orders as /orders',
    ]);
    const order = ['POST', '/orders', '-H', 'Authorization: Bearer x', '-H', 'Origin: https://shop.example.com'];
    expect((await steps('public', ...order)).slice(0, 8)).to.deep.equal([
      'canonicalPath: /orders',
      'matchRoute: route place-order (/orders)',
      'cors: pages of https://shop.example.com may read the answer',
      'authenticate: there is a token; whether it is valid is not looked at here',
      'authorize: 403 unless the token has scopes orders:write',
      'rateLimit: 20 in 1m for each user, or each network of the anonymous, the limit of the route',
      'retry: at most 1 more, on connect alone, for it is a POST',
      'forward: to the service orders as /orders',
    ]);
    const me = ['GET', '/me', '-H', 'Accept: json', '-H', 'Authorization: Bearer x'];
    expect(await steps('public', ...me)).to.include(
      'rateLimit: 100 in 1m for each user, or each network of the anonymous, the limit of the gateway',
    );
  });

  it('takes the host from the URL or the field', async () => {
    expect(await decision('public', 'GET', 'https://www.shop.example.com/catalogue')).to.match(/^0 forward/);
    expect(await decision('public', 'GET', '/catalogue', '-H', 'Host: shop.example.com:8080')).to.match(/^0 forward/);
    expect(await decision('public', 'GET', '/catalogue')).to.match(/^1 matchRoute 404/);
  });

  it('says why the other routes lost', async () => {
    const { out } = await run(['explain', 'POST', '/orders', '-c', reference]);
    const others = out.slice(out.indexOf('the other routes')).replaceAll(/ {2,}/g, ' ');
    expect(others).to.contain(' orders takes the methods GET, HEAD\n');
    expect(others).to.contain(' chat takes the path /chat\n');
    expect(others).to.contain(' catalogue takes the host shop.example.com\n');
    expect(others).to.contain(' stock is not exposed through the public gateway\n');
    expect(others).not.to.contain('place-order');
    expect((await run(['explain', 'GET', '/me', '-c', reference])).out).to.contain('asks for header accept=json');
  });

  it('names the filters that would run, by stage and in their order', async () => {
    const file = join(import.meta.dirname, '../../config/filters-that-work.yaml');
    const { out, code } = await run(['explain', 'GET', '/orders/7', '-c', file], 'public');
    expect(code).to.equal(0);
    expect(/^=> filters +(.*)$/m.exec(out)?.[1]).to.equal(
      '308 by redirect; pre setRequestHeader, addRequestHeader, removeRequestHeader, stripPrefix, prefixPath, rewritePath, redirect, requestSize; route mirror; ' +
        'post secureHeaders, setResponseHeader, addResponseHeader, removeResponseHeader, setStatus, secureHeaders, secureHeaders, rewriteLocation, ' +
        'rewriteLocation, audit, compress, compress',
    );
  });

  it('takes who asks from the claims of a token, as a verified one', async () => {
    const as = (claims: object, ...argv: string[]) => {
      const file = join(folder, 'claims.json');
      writeFileSync(file, JSON.stringify(claims));
      return decision('public', ...argv, '--as', file);
    };
    const orders = ['GET', '/orders/7'];
    expect(await as({ sub: 'ada', scope: 'orders:read' }, ...orders)).to.equal('0 forward to the service orders as /orders/7');
    expect(await as({ sub: 'ada', scp: ['orders:read'] }, ...orders)).to.match(/^0 forward/);
    expect(await as({ sub: 'ada' }, ...orders)).to.equal('1 authorize 403 insufficient-scope: the route asks for scopes orders:read');
    expect(await as({ scope: 'orders:read' }, ...orders)).to.match(/^1 authenticate 401 invalid-token: sub is not/);
    expect(await as({ sub: 'ada', exp: 1 }, ...orders)).to.match(/^1 authenticate 401 invalid-token: the token has expired/);
    expect(await as({ sub: 'ada', nonce: 'n' }, ...orders)).to.match(/^1 authenticate 401 invalid-token: the token is an ID token/);
    expect(await as({ sub: 'ada' }, 'GET', '/me', '-H', 'Accept: json')).to.equal('0 forward to the service users as /users/ada');
    expect(await as({ sub: '..' }, 'GET', '/me', '-H', 'Accept: json')).to.match(/^1 outgoing 403 forbidden: A claim/);
    expect(await as({ sub: 'ada', plan: 'free' }, 'GET', '/dashboard/1')).to.match(/^1 authorize 403 forbidden: .*plan pro\|team/);
    expect(await as({ sub: 'ada', plan: 'pro' }, 'GET', '/dashboard/1')).to.match(/^0 (forward|aggregate)/);
  });

  it('takes who calls from an address, and a certificate', async () => {
    const stock = ['GET', '/stock/1', '--from'];
    expect(await decision('private', ...stock, '10.1.0.9')).to.equal('0 forward to the service search as /stock/1');
    expect(await decision('private', ...stock, '10.2.0.9')).to.match(/^1 acl 403 forbidden/);
    expect(await decision('private', ...stock, '10.9.0.9')).to.equal(
      '1 identifyCaller 403 unknown-caller: No caller is configured for 10.9.0.9.',
    );
    const other = ['GET', 'https://localhost/stock/1', '--from', 'fd00:1::7'];
    expect(await decision('private', ...other)).to.match(/^1 identifyCaller 403 unknown-caller/);
    expect(await decision('private', ...other, '--certificate', 'Orders.internal')).to.match(/^0 forward/);
    expect(await decision('private', ...other, '--certificate', 'other.internal')).to.match(/^1 identifyCaller/);
    const named = ['GET', '/stock/1', '--from', '10.0.0.1', '-H', 'X-Forwarded-For: 10.1.0.9'];
    expect(await decision('private', ...named)).to.match(/^1 identifyCaller/);
  });

  it('tells what applies, and from which line', async () => {
    const { out } = await run(['explain', 'GET', '/orders/7', '--from', '127.0.0.3', '-c', demo], 'private');
    const text = out.replaceAll(demo, 'postern.yaml').replaceAll(/ {2,}/g, '  ');
    expect(text).to.contain('  timeouts.connect  500ms  postern.yaml:9:26\n');
    expect(text).to.contain('  timeouts.idle  1m  default\n');
    expect(text).to.contain('  rateLimit  50/s  postern.yaml:93:48\n');
    expect(text).to.contain('  limits.body  50MiB  default\n');
    expect(text).to.contain('the endpoints of orders; leastRequest goes by tries under way for the weight, the lower the better\n');
    expect(text).to.contain('  => 127.0.0.1:4001  configured  weight 1  score 0\n');
  });

  it('lets no claim speak to a terminal', async () => {
    const file = join(folder, 'claims.json');
    writeFileSync(file, JSON.stringify({ sub: 'a\u009b1m', scope: 'orders:read' }));
    const { out } = await run(['explain', 'GET', '/orders/7', '--as', file, '-c', reference]);
    expect(out).to.contain('the user a\\x9b1m\n');
  });

  it('writes the same as data', async () => {
    const { out, code } = await run(['explain', 'GET', '/orders/7', '--from', '127.0.0.1', '-c', demo, '--format', 'json'], 'private');
    expect(code).to.equal(1);
    const explanation = JSON.parse(out);
    expect(explanation).to.deep.include({
      ok: true,
      gateway: 'private-gateway',
      live: false,
      allowed: false,
      decidedBy: 'acl',
      status: 403,
      code: 'forbidden',
    });
    expect(explanation.route).to.deep.equal({ name: 'orders', template: '/orders/*', at: `${demo}:40:5` });
    expect(explanation.request).to.deep.include({ caller: 'orders', from: '127.0.0.1' });
  });

  it('says which endpoint the key of a hash hits, and what only a running gateway knows', async () => {
    const file = join(folder, 'postern.yaml');
    writeFileSync(
      file,
      `services:
  hashed: { endpoints: ['http://127.0.0.1:4001', 'http://127.0.0.1:4002'], balancer: consistentHash, hashOn: { header: x-user } }
  found: { registry: eureka, name: FOUND }
registry: { eureka: ['http://127.0.0.1:8761/eureka'] }
routes:
  - { name: hashed, match: { pathPrefix: /hashed }, service: hashed, expose: { public: { access: anonymous } } }
  - { name: found, match: { pathPrefix: /found }, service: found, expose: { public: { access: anonymous } } }
`,
    );
    const hit = async (user: string) =>
      /^ +=> (127\S+)/m.exec((await run(['explain', 'GET', '/hashed', '-H', `x-user: ${user}`, '-c', file])).out)?.[1];
    const hits = new Set(await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(hit)));
    expect([...hits].sort()).to.deep.equal(['127.0.0.1:4001', '127.0.0.1:4002']);
    expect(await hit('a')).to.equal(await hit('a'));
    expect((await run(['explain', 'GET', '/hashed', '-c', file])).out).to.contain(' ? 127.0.0.1:4001');
    expect((await run(['explain', 'GET', '/found', '-c', file])).out).to.contain('are found in eureka as FOUND: only a running gateway');
  });
});
