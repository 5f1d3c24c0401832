import { expect } from 'chai';
import fc from 'fast-check';
import type { RouteConfig } from '../../../core/config/schema/index.ts';
import { cleanHost, cleaning } from '../../../core/middleware/clean-request.ts';

const routes = [
  { match: { headers: { 'X-Tenant': 'a', 'X-Auth-Token': 'b' }, queryParams: { page: '1', key: '2' } } },
] as unknown as readonly RouteConfig[];
const clean = cleaning(routes);

describe('what of a request is remembered', () => {
  it('is the path, and of the query what routes match on', () => {
    expect(clean({ url: '/a?page=1&key=2&q=3&flag', rawHeaders: [] })).to.deep.equal({
      target: '/a?page=1&key=***&q=***&***',
      headers: [],
      leftOut: ['query key', 'query q', 'query'],
    });
    expect(clean({ url: '/a?%zz=1&page', rawHeaders: [] }).target).to.equal('/a?***&page');
    expect(clean({ url: 'http://ada:pass@shop.example/a', rawHeaders: [] }).target).to.equal('http://shop.example/a');
  });

  it('is of fields what is harmless, and what routes match on, unless its name speaks of a secret', () => {
    const rawHeaders = ['Host', 'a', 'X-Tenant', 'a', 'X-Auth-Token', 's', 'X-Other', 's', ':path', '/s', 'Accept', 'json'];
    expect(clean({ url: '/', rawHeaders })).to.deep.equal({
      target: '/',
      headers: ['Host', 'a', 'X-Tenant', 'a', 'X-Auth-Token', '***', 'X-Other', '***', 'Accept', 'json'],
      leftOut: ['header x-auth-token', 'header x-other'],
    });
  });

  it('is of credentials where they stood', () => {
    const { headers } = clean({ url: '/', rawHeaders: ['Authorization', 'Bearer s', 'authorization', 's', 'Cookie', 'a=s; s; b=s=s'] });
    expect(headers).to.deep.equal(['Authorization', 'Bearer ***', 'authorization', '***', 'Cookie', 'a=***; ***; b=***']);
  });

  it('is nothing that could be a secret in a place of its own', () => {
    const urls: [string, string][] = [
      ['http://ada:pa@SECRET@shop.example/a', 'http://shop.example/a'],
      ['http://ada:SECRET?x@shop.example/a', 'http://shop.example/a'],
      ['http://ada:SECRET/x@shop.example/a', 'http://***/x@shop.example/a'],
      ['HTTPS://ada:SECRET', 'HTTPS://***'],
      ['//ada:SECRET@shop.example:81/a', '//shop.example:81/a'],
      ['http://[::1]:80/a?page=1', 'http://[::1]:80/a?page=1'],
      ['/a@b?page=c@d', '/a@b?page=c@d'],
      ['/?SECRET==', '/?***'],
      ['/?SECRET=', '/?***'],
    ];
    for (const [url, target] of urls) expect(clean({ url, rawHeaders: [] }).target, url).to.equal(target);
    const rawHeaders = ['host', 'origin', 'x-forwarded-host', 'forwarded', 'via'].flatMap((name) => [name, `https://ada:SECRET@a`]);
    const { headers, leftOut } = clean({ url: '/', rawHeaders: [...rawHeaders, 'Cookie', 'SECRET==; a=b'] });
    expect(headers.join()).to.equal('host,***,origin,***,x-forwarded-host,***,forwarded,***,via,***,Cookie,***; a=***');
    expect(leftOut).to.include.members(['header host', 'header via']);
    expect(cleanHost('ada:SECRET@shop.example')).to.equal('***');
  });

  it('never is a value of any other field or parameter', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (fields, parameters) => {
        const rawHeaders = fields.flatMap((name) => [`x-${name}`, 'SECRET']);
        const url = `/?${parameters.map((name) => `${name === 'page' ? 'other' : name}=SECRET`).join('&')}`;
        expect(JSON.stringify(clean({ url, rawHeaders }))).to.not.include('SECRET');
      }),
    );
  });

  it('is bounded', () => {
    const rawHeaders = Array.from({ length: 1_000 }, (_, at) => (at % 2 === 0 ? 'accept' : 'x'.repeat(10_000)));
    const url = `/${'a'.repeat(10_000)}?${'page=aaaaaaaaaa&'.repeat(10_000)}`;
    expect(JSON.stringify(clean({ url, rawHeaders })).length).to.be.below(40_000);
  });
});
