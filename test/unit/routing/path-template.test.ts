import { expect } from 'chai';
import { canonicalLiteral, parsePrefix, parseTemplate, readParams, shape } from '../../../core/routing/path-template.ts';

describe('path templates', () => {
  it('have literal elements and parameters', () => {
    expect(parseTemplate('/orders/{id}/lines')).to.deep.equal([{ literal: 'orders' }, { param: 'id' }, { literal: 'lines' }]);
    expect(parseTemplate('/')).to.deep.equal([{ literal: '' }]);
    expect(parseTemplate('/orders/')).to.deep.equal([{ literal: 'orders' }, { literal: '' }]);
  });

  it('as prefixes say nothing with a trailing slash', () => {
    expect(parsePrefix('/')).to.deep.equal([]);
    expect(parsePrefix('/tenants/{t}/')).to.deep.equal(parsePrefix('/tenants/{t}'));
  });

  it('are written as people write, and held as requests come', () => {
    expect(canonicalLiteral('café au|lait')).to.equal('caf%C3%A9%20au%7Clait');
    expect(canonicalLiteral('caf%c3%a9%41')).to.equal('caf%C3%A9A');
  });

  const names = '/a/{id}/{id} /{__proto__} /{_id} /x{id} /{id}x /{ /} /{1}';
  const paths = String.raw`orders /a//b /a?b /a#b /.. /a/./b /%2e%2e /a%2Fb /a% /a\b`;
  const broken = [...names.split(' '), ...paths.split(' '), '', '/{a b}'];
  for (const template of broken) it(`refuse ${template}`, () => expect(() => parseTemplate(template)).to.throw(TypeError));

  it('of one shape take the same paths, whatever their parameters are called', () => {
    expect(shape(parseTemplate('/a/{x}/%41'))).to.equal(shape(parseTemplate('/a/{y}/A')));
    expect(shape(parseTemplate('/a/{x}'))).not.to.equal(shape(parseTemplate('/a/x')));
  });

  it('read the parameters as they stand in the path', () => {
    expect(readParams(parseTemplate('/{a}/x/{b}'), '/1%20/x/2;3')).to.deep.equal({ a: '1%20', b: '2;3' });
    expect(readParams(parsePrefix('/t/{t}'), '/t/9/orders/4')).to.deep.equal({ t: '9' });
  });
});
