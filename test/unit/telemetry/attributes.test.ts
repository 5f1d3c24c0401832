import { expect } from 'chai';
import { methodLabel } from '../../../core/telemetry/attributes.ts';

describe('methodLabel', () => {
  it('is the method, of those that HTTP knows', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])
      expect(methodLabel(method)).to.equal(method);
  });

  it('is _OTHER for any other; methods are case-sensitive', () => {
    for (const method of ['', 'get', 'PROPFIND', 'GET ', '_OTHER', 'constructor']) expect(methodLabel(method)).to.equal('_OTHER');
  });
});
