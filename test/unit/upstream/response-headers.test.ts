import { expect } from 'chai';
import fc from 'fast-check';
import { endToEndFields, trailerFields, without } from '../../../core/upstream/response-headers.ts';

describe('endToEndFields', () => {
  it('keeps order, spelling and repetition', () => {
    const fields = ['Set-Cookie', 'a=1', 'X-A', '1', 'set-cookie', 'b=2'];
    expect(endToEndFields(fields, 200)).to.deep.equal(fields);
  });

  it('drops the fields of one connection, and those that Connection names, wherever it stands', () => {
    const fields = [
      'X-Hop',
      '1',
      'Keep-Alive',
      'timeout=5',
      'Connection',
      'close, X-Hop',
      'X-Kept',
      '2',
      'connection',
      'x-other',
      'X-Other',
      '3',
      'Transfer-Encoding',
      'chunked',
    ];
    expect(endToEndFields(fields, 200)).to.deep.equal(['X-Kept', '2']);
  });

  it('drops the length of what has no body by its status', () => {
    expect(endToEndFields(['Content-Length', '5'], 204)).to.deep.equal([]);
    expect(endToEndFields(['content-length', '5'], 103)).to.deep.equal([]);
    for (const status of [200, 206, 304, 404])
      expect(endToEndFields(['Content-Length', '5'], status)).to.deep.equal(['Content-Length', '5']);
  });

  it('keeps bytes as they are', () => {
    const bytes = Buffer.from([0x61, 0xe9, 0xff]);
    expect(endToEndFields(['X-A', bytes.toString('latin1')], 200)).to.deep.equal(['X-A', bytes.toString('latin1')]);
  });

  it('changes nothing else, whatever the fields', () => {
    const name = fc.constantFrom('a', 'B-c', 'x-y', 'ETag', 'Vary');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (pairs) => {
        const fields = pairs.flat();
        expect(endToEndFields(fields, 200)).to.deep.equal(fields);
      }),
    );
  });
});

describe('trailerFields', () => {
  it('are those that a trailer section may have (RFC 9110 section 6.5.1)', () => {
    const fields = [
      'Content-Length',
      '1',
      'Set-Cookie',
      'a=1',
      'grpc-status',
      '0',
      'Transfer-Encoding',
      'chunked',
      'X-Checksum',
      'abc',
      'Location',
      '/',
    ];
    expect(trailerFields(fields)).to.deep.equal(['grpc-status', '0', 'X-Checksum', 'abc']);
  });
});

describe('without', () => {
  it('asks by the name in lower case', () => {
    expect(without(['A', '1', 'b', '2', 'a', '3'], (name) => name === 'a')).to.deep.equal(['b', '2']);
  });
});
