import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../core/problem.ts';
import { canonicalTarget } from '../../../core/routing/canonical-path.ts';
import { compileRewrite, templateNames } from '../../../core/routing/rewrite.ts';

describe('compileRewrite', () => {
  it('leaves the path as it is without a configuration', () => {
    expect(compileRewrite(undefined)('/a/b', {}, {})).to.equal('/a/b');
  });

  const stripped = {
    '/v1': '/',
    '/v1/': '/',
    '/v1/orders': '/orders',
    '/v1/orders/': '/orders/',
    '/v12/orders': '/v12/orders',
    '/': '/',
    '/x/v1': '/x/v1',
  };
  for (const [from, to] of Object.entries(stripped)) {
    it(`takes /v1 from ${from}`, () => expect(compileRewrite({ stripPrefix: '/v1' })(from, {}, {})).to.equal(to));
  }

  it('takes any element for a parameter of the prefix', () => {
    const rewrite = compileRewrite({ stripPrefix: '/tenants/{t}/' });
    expect(rewrite('/tenants/7/orders', { t: '7' }, {})).to.equal('/orders');
    expect(rewrite('/tenants/', {}, {})).to.equal('/tenants/');
  });

  it('puts a prefix in front', () => {
    expect(compileRewrite({ prefixPath: '/api' })('/orders', {}, {})).to.equal('/api/orders');
    expect(compileRewrite({ prefixPath: '/api/' })('/', {}, {})).to.equal('/api/');
    expect(compileRewrite({ prefixPath: '/' })('/orders', {}, {})).to.equal('/orders');
    expect(compileRewrite({ stripPrefix: '/v1', prefixPath: '/v2' })('/v1', {}, {})).to.equal('/v2');
    expect(compileRewrite({ stripPrefix: '/v1', prefixPath: '/v2' })('/v1/a', {}, {})).to.equal('/v2/a');
    expect(compileRewrite({ prefixPath: '/t/{claims.tenant}' })('/a', {}, { tenant: 'x' })).to.equal('/t/x/a');
  });

  it('replaces the whole path by a template', () => {
    const rewrite = compileRewrite({ path: '/users/{claims.sub}/orders/{id}.json' });
    expect(rewrite('/me/orders/4%20', { id: '4%20' }, { sub: 'auth0|1' })).to.equal('/users/auth0%7C1/orders/4%20.json');
    expect(compileRewrite({ path: '/café/' })('/x', {}, {})).to.equal('/caf%C3%A9/');
  });

  it('reads nested claims, numbers and booleans', () => {
    const rewrite = compileRewrite({ path: '/{claims.org.id}/{claims.admin}' });
    expect(rewrite('/', {}, { org: { id: 7 }, admin: false })).to.equal('/7/false');
  });

  const unusable: unknown[] = [
    '',
    '.',
    '..',
    '../admin',
    'a/b',
    'a\\b',
    'a\u0000',
    'a\nb',
    '%2e%2e',
    '%2F',
    '..;',
    ';/..',
    '\ud800',
    undefined,
    null,
    {},
    ['a'],
    () => 'a',
  ];
  for (const sub of unusable) {
    it(`refuses the claim ${typeof sub === 'function' ? 'function' : JSON.stringify(sub)}`, () => {
      expect(() => compileRewrite({ path: '/users/{claims.sub}/x' })('/', {}, { sub }))
        .to.throw(Problem)
        .with.property('code', 'forbidden');
    });
  }

  it('refuses pieces that make a dot segment together', () => {
    expect(() => compileRewrite({ path: '/.{a}' })('/', { a: '.' }, {})).to.throw(Problem);
    expect(() => compileRewrite({ path: '/..{a}' })('/', { a: ';x' }, {})).to.throw(Problem);
  });

  it('does not take what every object has for a claim', () => {
    for (const name of ['constructor.name', '__proto__', 'toString.name']) {
      expect(() => compileRewrite({ path: `/{claims.${name}}` })('/', {}, {}), name).to.throw(Problem);
    }
  });

  it('never lets a claim leave its element', () => {
    const claim = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom('.', '/', '%2e', '%2f', '\\', ';', 'a', '%25', '%')).map((parts) => parts.join('')),
    );
    const rewrite = compileRewrite({ path: '/users/{claims.sub}/orders' });
    fc.assert(
      fc.property(claim, (sub) => {
        let path: string;
        try {
          path = rewrite('/', {}, { sub });
        } catch (error) {
          expect(error).to.be.instanceOf(Problem).with.property('code', 'forbidden');
          return;
        }
        expect(canonicalTarget(path)).to.include({ path, query: '' });
        expect(path).to.match(/^\/users\/[^/]+\/orders$/);
      }),
      { numRuns: 2000 },
    );
  });

  for (const path of ['users', '/a?b={id}', '/a//b', '/..', '/{}', '/{claims.}', '/{claims}x{', '/{a b}', '/{_a}', '/%2f']) {
    it(`refuses the template ${path}`, () => expect(() => compileRewrite({ path })).to.throw(TypeError));
  }
});

describe('templateNames', () => {
  it('lists parameters and claims in order', () => {
    expect(templateNames('/{a}/x/{claims.b.c}-{d}')).to.deep.equal(['a', 'claims.b.c', 'd']);
    expect(templateNames('/plain')).to.deep.equal([]);
  });
});
