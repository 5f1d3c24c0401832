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
});
