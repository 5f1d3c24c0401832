import { expect } from 'chai';
import { PathTemplates } from '../../../core/contract/paths.ts';

describe('paths of contracts', () => {
  const templates = new PathTemplates<string>();
  for (const [method, template] of [
    ['GET', '/'],
    ['GET', '/orders'],
    ['GET', '/orders/'],
    ['GET', '/orders/{id}'],
    ['DELETE', '/orders/{number}'],
    ['GET', '/orders/mine'],
    ['GET', '/orders/{id}.json'],
    ['GET', '/orders/mine/items'],
    ['GET', '/{any}/{id}/items'],
    ['GET', '/compare/{base}...{head}'],
    ['GET', '/caf\u00e9'],
  ] as const)
    templates.add(method, template, template);
  const found = (path: string, method = 'GET') => templates.find(method, path);

  it('literal elements come before parameters, parameters with text of their own before others', () => {
    expect(found('/orders/mine')?.value).to.equal('/orders/mine');
    expect(found('/orders/7')).to.deep.equal({ value: '/orders/{id}', params: { id: '7' } });
    expect(found('/orders/7.json')).to.deep.equal({ value: '/orders/{id}.json', params: { id: '7' } });
    expect(found('/compare/a...b')).to.deep.equal({ value: '/compare/{base}...{head}', params: { base: 'a', head: 'b' } });
  });

  it('what fits no further is given up for what does', () => {
    expect(found('/orders/7/items')).to.deep.equal({ value: '/{any}/{id}/items', params: { any: 'orders', id: '7' } });
    expect(found('/orders/mine', 'DELETE')).to.deep.equal({ value: '/orders/{number}', params: { number: 'mine' } });
  });

  it('a parameter takes one element, which is not empty', () => {
    expect(found('/orders/')?.value).to.equal('/orders/');
    expect(found('/orders/7/')).to.equal(undefined);
    expect(found('/orders/7/8')).to.equal(undefined);
    expect(found('/')?.value).to.equal('/');
    expect(found('/orders', 'POST')).to.equal(undefined);
  });

  it('literals are compared as requests bring them', () => {
    expect(found('/caf%C3%A9')?.value).to.equal('/caf\u00e9');
  });

  it('are compared decoded, as services look at them, and parameters given as they are written', () => {
    const orders = new PathTemplates<string>();
    for (const template of ['/orders/{id}', '/orders/{id}:cancel', '/orders/$metadata', '/orders/{a}~{b}'])
      orders.add('GET', template, template);
    const at = (path: string) => orders.find('GET', path);
    expect(at('/orders/%24metadata')?.value).to.equal('/orders/$metadata');
    expect(at('/orders/%C3%A9%2C1%3Acancel')).to.deep.equal({ value: '/orders/{id}:cancel', params: { id: '%C3%A9%2C1' } });
    expect(at('/orders/%F0%9F%98%80~%2C')).to.deep.equal({ value: '/orders/{a}~{b}', params: { a: '%F0%9F%98%80', b: '%2C' } });
    expect(at('/orders/%3Acancel')).to.deep.equal({ value: '/orders/{id}', params: { id: '%3Acancel' } });
  });

  it('are looked through once, whatever stands between parameters', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    templates.add('GET', `/${names.map((name) => `{${name}}`).join('-')}.json`, 'six');
    expect(found(`/${'-'.repeat(7_000)}`)).to.equal(undefined);
    expect(found('/1-2--3-4-5-6-7.json')?.params).to.deep.equal({ a: '1', b: '2', c: '-3', d: '4', e: '5', f: '6-7' });
  });

  it('two that take the same requests are one too many', () => {
    expect(templates.add('GET', '/orders/{other}', 'again')).to.equal(false);
    expect(templates.add('PUT', '/orders/{other}', 'put')).to.equal(true);
  });
});
