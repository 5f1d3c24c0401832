import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './a-terminal.ts';

const reference = join(import.meta.dirname, '../../config/reference.yaml');

/** The deciding step and the exit code. */
async function decision(section: 'public' | 'private', ...argv: string[]): Promise<string> {
  const { code, out } = await run(['explain', ...argv, '-c', reference], section);
  return `${code} ${/^=> (.*)$/m.exec(out)?.[1]?.replace(/ {2,}/, ' ')}`;
}

describe('explain', () => {
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
    const demo = join(import.meta.dirname, '../../../deploy/example/postern.yaml');
    const cached = async (method: string) =>
      / {2}cache +(.*)$/m.exec((await run(['explain', method, '/catalogue/lamp', '-c', demo], 'public')).out)?.[1];
    expect([await cached('GET'), await cached('OPTIONS')]).to.deep.equal(['unless an answer is stored that may be given', undefined]);
  });

  it('goes through the steps in the order of each pipeline', async () => {
    const steps = async (section: 'public' | 'private', ...argv: string[]) =>
      [...(await run(['explain', ...argv, '-c', reference], section)).out.matchAll(/^(?: {3}|=> )(\w+) {2,}(.*)$/gm)].map(
        ([, step, says]) => `${step}: ${says}`,
      );
    expect((await steps('private', 'POST', '/orders')).slice(0, 6)).to.deep.equal([
      'canonicalPath: /orders',
      "identifyCaller: 403 unless the caller's address or certificate is that of checkout, reporting, orders, which is not looked at here",
      'matchRoute: route place-order (/orders)',
      'acl: 403 unless the caller is checkout',
      'rateLimit: 1000 in 1s for checkout; 500 in 1s for each caller, the limit of the gateway',
      'forward: to the service orders as /orders',
    ]);
    const order = ['POST', '/orders', '-H', 'Authorization: Bearer x', '-H', 'Origin: https://shop.example.com'];
    expect((await steps('public', ...order)).slice(0, 7)).to.deep.equal([
      'canonicalPath: /orders',
      'matchRoute: route place-order (/orders)',
      'cors: pages of https://shop.example.com may read the answer',
      'authenticate: there is a token; whether it is valid is not looked at here',
      'authorize: 403 unless the token has scopes orders:write',
      'rateLimit: 20 in 1m for each user, or each network of the anonymous, the limit of the route',
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
    expect(/^ {3}filters +(.*)$/m.exec(out)?.[1]).to.equal(
      'pre setRequestHeader, addRequestHeader, removeRequestHeader, stripPrefix, prefixPath, rewritePath, redirect, requestSize; route mirror; ' +
        'post secureHeaders, setResponseHeader, addResponseHeader, removeResponseHeader, setStatus, secureHeaders, secureHeaders, rewriteLocation, ' +
        'rewriteLocation, audit, compress, compress: the path below is that of before',
    );
  });
});
