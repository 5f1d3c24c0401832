import { expect } from 'chai';
import { redirect } from '../../../../core/filter/builtin/redirect.ts';
import { rewriteLocation } from '../../../../core/filter/builtin/rewrite-location.ts';
import { setStatus } from '../../../../core/filter/builtin/set-status.ts';
import type { Service } from '../../../../core/upstream/service.ts';
import { anExchange } from '../an-exchange.ts';

describe('the filter redirect', () => {
  const location = (to: string, { path = '/orders', query = '', params = {} } = {}) => {
    const exchange = anExchange({ state: { target: { path, query }, params } });
    void redirect({ to, status: 308 }).run(exchange);
    expect(exchange.response.status).to.equal(308);
    return exchange.response.headers.get('location');
  };

  it('sends the client elsewhere, with its path and its query', () => {
    expect(location('https://new.example{path}{query}', { path: '/a/b', query: 'c=d' })).to.equal('https://new.example/a/b?c=d');
    expect(location('https://new.example{path}{query}')).to.equal('https://new.example/orders');
  });

  it('but to no other host where a parameter is empty', () => {
    expect(location('/{first}/{second}', { params: { first: '', second: 'evil.example' } })).to.equal('/evil.example');
  });

  it('with what the route took, and nothing that is no parameter', () => {
    expect(location('/users/{id}/{nothing}/{constructor}', { params: { id: '7' } })).to.equal('/users/7/{nothing}/{constructor}');
  });
});

describe('the filter setStatus', () => {
  it('makes another of what the service says, but not of what a condition or a range asked for', () => {
    for (const [status, becomes] of [
      [404, 201],
      [204, 201],
      [206, 206],
      [304, 304],
      [416, 416],
    ] as const) {
      const exchange = anExchange({ answer: [status, []] });
      void setStatus(201).run(exchange);
      expect(exchange.current().status).to.equal(becomes);
    }
  });
});

describe('the filter rewriteLocation', () => {
  const told = (location: string, options: { from?: string; to?: string } = {}, name = 'Location') => {
    const endpoint = { url: new URL('http://10.0.0.7:3000') };
    const exchange = anExchange({ answer: [302, [name, location]], state: { exchange: { attempts: [{ endpoint }] } } });
    void rewriteLocation(options).run(exchange);
    return exchange.response.headers.get(name);
  };

  it('tells the address by which the client came in place of the service’s own', () => {
    expect(told('http://10.0.0.7:3000/orders/7?a=b#c')).to.equal('https://shop.example/orders/7?a=b#c');
    expect(told('http://10.0.0.7:3000/orders', {}, 'Content-Location')).to.equal('https://shop.example/orders');
  });

  it('knows every endpoint of the service: a stored answer came from any of them', () => {
    const service = { isAt: (host: string) => host === '10.0.0.8:3000' } as unknown as Service;
    const exchange = anExchange({ outgoing: { service }, answer: [302, ['Location', 'http://10.0.0.8:3000/orders']] });
    void rewriteLocation({}).run(exchange);
    expect(exchange.response.headers.get('location')).to.equal('https://shop.example/orders');
  });

  it('sends nobody to another host by what began as a path', () => {
    for (const location of ['/.//evil.example/x', '/a/..//evil.example/x', '/app//evil.example/x', '/app/.//evil.example/x'])
      expect(told(location, { from: '/app', to: '/' }), location).to.equal('/evil.example/x');
    expect(told('/app?a=b', { from: '/app', to: '/' })).to.equal('/?a=b');
    const nameless = anExchange({
      outgoing: { service: { isAt: () => true } as unknown as Service },
      state: { client: { host: '', scheme: 'http' } },
      answer: [302, ['Location', 'http://10.0.0.8:3000/orders']],
    });
    void rewriteLocation({}).run(nameless);
    expect(nameless.response.headers.get('location')).to.equal('/orders');
  });

  it('leaves what is elsewhere, and what it cannot read', () => {
    for (const location of [
      'https://login.example/',
      '//cdn.example/x',
      'http://10.0.0.7:3001/',
      'http://[',
      'relative',
      'mailto:a@b.example',
    ])
      expect(told(location)).to.equal(location);
  });

  it('puts back the prefix that the service does not know', () => {
    const options = { from: '/', to: '/shop' };
    expect(told('/orders', options)).to.equal('/shop/orders');
    expect(told('http://10.0.0.7:3000/orders', options)).to.equal('https://shop.example/shop/orders');
    expect(told('/internal/orders', { from: '/internal', to: '/' })).to.equal('/orders');
    expect(told('/internal', { from: '/internal', to: '/' })).to.equal('/');
    expect(told('/internals', { from: '/internal', to: '/x' })).to.equal('/internals');
  });

  it('does nothing where the answer names no place', () => {
    const exchange = anExchange({ answer: [200, ['a', 'b']] });
    void rewriteLocation({}).run(exchange);
    expect(exchange.current().headers).to.deep.equal(['a', 'b']);
  });
});
