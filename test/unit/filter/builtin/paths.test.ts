import { expect } from 'chai';
import fc from 'fast-check';
import type { BuiltIn } from '../../../../core/filter/builtin/built-in.ts';
import { prefixPath, rewritePath, stripPrefix } from '../../../../core/filter/builtin/paths.ts';
import { canonicalTarget } from '../../../../core/routing/canonical-path.ts';
import { anExchange } from '../an-exchange.ts';

describe('filters for the path', () => {
  const filtered = (filter: BuiltIn, path: string, query = '') => {
    const exchange = anExchange({ outgoing: { path, query } });
    void filter.run(exchange);
    return exchange.request.url;
  };

  it('take a prefix, by whole elements', () => {
    for (const [path, stripped] of [
      ['/api/orders', '/orders'],
      ['/api/', '/'],
      ['/api', '/'],
      ['/apiary', '/apiary'],
      ['/other', '/other'],
    ] as const)
      expect(filtered(stripPrefix('/api'), path)).to.equal(stripped);
  });

  it('put one in front', () => {
    expect(filtered(prefixPath('/v2'), '/orders', 'a=1?')).to.equal('/v2/orders?a=1?');
    expect(filtered(prefixPath('/v2/'), '/')).to.equal('/v2/');
  });

  it('put another in its place where the expression matches the whole', () => {
    const filter = rewritePath({ from: '/v1/(?<what>[^/]+)/(.*)', to: '/$<what>/$2' });
    expect(filtered(filter, '/v1/orders/7', 'x=y')).to.equal('/orders/7?x=y');
    expect(filtered(filter, '/v2/orders/7')).to.equal('/v2/orders/7');
    expect(filtered(filter, '/a/v1/orders/7')).to.equal('/a/v1/orders/7');
  });

  it('take no longer for a path that is made to take long', () => {
    const filter = rewritePath({ from: '/((a+)+)b', to: '/$1' });
    expect(filtered(filter, `/${'a'.repeat(5000)}!`)).to.equal(`/${'a'.repeat(5000)}!`);
    expect(filtered(filter, `/${'a'.repeat(5000)}b`)).to.equal(`/${'a'.repeat(5000)}`);
  });

  it('match the whole path alone, whatever the expression is made of', () => {
    for (const [from, path, to] of [
      ['/a|/b', '/b', '/x'],
      ['/a|/b', '/bc', '/bc'],
      ['/a|/b', '/xa', '/xa'],
      ['/.', '/%E4%BD%A0', '/%E4%BD%A0'],
      ['/\\d+', '/12', '/x'],
    ] as const)
      expect(filtered(rewritePath({ from, to: '/x' }), path), from).to.equal(to);
  });

  it('make no path that a client could not ask for', () => {
    for (const to of ['/a/%2e%2e/b', '//host/x/../..', 'no-slash', '/a b', '/a\\b', '/%2F', '/#'])
      expect(() => filtered(rewritePath({ from: '/(.*)', to }), '/orders'), to).to.throw(TypeError);
    expect(filtered(rewritePath({ from: '/(.*)', to: '//other.example/$1' }), '/orders')).to.equal('/other.example/orders');
  });

  it('refuse a path that is too long to be matched', () => {
    expect(() => filtered(rewritePath({ from: '(a*)*', to: '/' }), `/${'a'.repeat(9000)}`)).to.throw('too long');
  });

  it('stay canonical, whatever the path and the prefix are', () => {
    const canonical = fc
      .array(fc.oneof(fc.constantFrom('api', 'v1', '.', '..', '', 'a;b', '%41', '...', '%E4%BD%A0'), fc.string({ maxLength: 4 })), {
        maxLength: 5,
      })
      .map((elements) => {
        try {
          return canonicalTarget(`/${elements.join('/')}`).path;
        } catch {
          return '/api/v1/orders';
        }
      });
    const prefix = fc.constantFrom('/api', '/api/v1', '/', '/v1/');
    fc.assert(
      fc.property(canonical, prefix, fc.boolean(), (path, front, strips) => {
        const url = filtered(strips ? stripPrefix(front) : prefixPath(front), path);
        expect(canonicalTarget(url).path).to.equal(url);
      }),
    );
  });
});
