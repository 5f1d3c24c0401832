import { expect } from 'chai';
import fc from 'fast-check';
import { type Description, describedRequest, Undescribed } from '../../../core/explain/request.ts';

const faultsOf = (description: Description): string[] => {
  try {
    describedRequest(description);
    return [];
  } catch (problem) {
    if (!(problem instanceof Undescribed)) throw problem;
    return problem.faults.map(({ pointer }) => pointer);
  }
};

describe('a described request', () => {
  it('is what node would hand over', () => {
    const request = describedRequest({
      method: 'GET',
      url: 'https://shop.example:8443/a?b',
      headers: { 'X-A': ['1', '2'], Cookie: 'a=b' },
    });
    expect(request).to.include({ method: 'GET', target: '/a?b', host: 'shop.example:8443', scheme: 'https' });
    expect(request.rawHeaders).to.deep.equal(['Host', 'shop.example:8443', 'X-A', '1', 'X-A', '2', 'Cookie', 'a=b']);
    expect(request.headers).to.include({ host: 'shop.example:8443', 'x-a': '1, 2', cookie: 'a=b' });
  });

  it('has the Host of a field before that of the URL', () => {
    const request = describedRequest({ method: 'GET', url: 'http://a.example', headers: ['host', 'b.example'] });
    expect(request).to.include({ host: 'b.example', target: '/' });
    expect(request.rawHeaders).to.deep.equal(['host', 'b.example']);
  });

  it('has the address as sockets spell it', () => {
    expect(describedRequest({ method: 'GET', url: '/', from: '::ffff:10.0.0.1' }).from).to.equal('10.0.0.1');
  });

  it('is refused with all that is wrong', () => {
    expect(faultsOf({ method: 7, url: 'a', headers: 'x', as: 'ada', from: 'x', certificate: 'a b' })).to.have.members([
      '#/method',
      '#/url',
      '#/headers',
      '#/as',
      '#/from',
      '#/certificate',
    ]);
    expect(faultsOf({ method: 'GET', url: '/', headers: { 'a\n': 'b' } })).to.deep.equal(['#/headers']);
    expect(faultsOf({ method: 'GET', url: '/', headers: { a: 'b\r\nc: d' } })).to.deep.equal(['#/headers']);
    expect(faultsOf({ method: 'GET', url: '/', headers: ['a'] })).to.deep.equal(['#/headers']);
    expect(faultsOf({ method: 'GET', url: '/', headers: { host: 'a b' } })).to.deep.equal(['#/headers']);
    for (const url of ['/a\nb', '/a b', '/é', 'http://a/ b', '']) expect(faultsOf({ method: 'GET', url }), url).to.deep.equal(['#/url']);
    for (const headers of [{ 'content-length': 'x' }, { 'Content-Length': '-1' }, { expect: 'more' }])
      expect(faultsOf({ method: 'GET', url: '/', headers })).to.deep.equal(['#/headers']);
    expect(faultsOf({ method: 'GET', url: '/', headers: { 'content-length': 7, expect: '100-Continue', constructor: 'x' } })).to.deep.equal(
      [],
    );
  });

  it('has claims no deeper than a token', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) });
    expect(faultsOf({ method: 'GET', url: '/', as: nested(16) })).to.deep.equal([]);
    expect(faultsOf({ method: 'GET', url: '/', as: nested(17) })).to.deep.equal(['#/as']);
  });

  it('throws nothing else, whatever is given', () => {
    fc.assert(
      fc.property(
        fc.record({ method: fc.anything(), url: fc.anything(), headers: fc.anything(), as: fc.anything(), from: fc.anything() }),
        (any) => {
          faultsOf(any);
        },
      ),
    );
  });
});
