import { expect } from 'chai';
import fc from 'fast-check';
import { ChunkedBody } from '../../../core/http1/chunked.ts';
import { WireError } from '../../../core/http1/wire-error.ts';
import { bytesOf, type Cuts, packets } from './a-parser.ts';

interface Decoded {
  data: string;
  over: boolean;
  trailers?: string[];
  /** Bytes that were not the body's. */
  left: number;
  code?: string;
}

function decode(text: string, cuts: Cuts = []): Decoded {
  const decoded: Decoded = { data: '', over: false, left: 0 };
  const body = new ChunkedBody((piece) => {
    decoded.data += piece.toString('latin1');
  });
  let taken = 0;
  try {
    for (const packet of packets(bytesOf(text), cuts)) if (!body.over) taken += body.take(packet, 0, () => false);
    decoded.over = body.over;
    decoded.left = text.length - taken;
    if (body.over) decoded.trailers = body.trailers();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    decoded.code = error.code;
  }
  return decoded;
}

const whole = (text: string) => ({ over: true, data: text, left: 0 });

describe('a chunked body', () => {
  it('is the data of its chunks', () => {
    expect(decode('5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n')).to.include(whole('hello, world'));
    expect(decode('1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n')).to.include(whole('\r\n'));
    expect(decode('0\r\n\r\n')).to.include(whole(''));
  });

  it('may have sizes in either case, and with zeros before', () => {
    expect(decode(`1a\r\n${'x'.repeat(26)}\r\n0000A\r\n${'y'.repeat(10)}\r\n0000000000000\r\n\r\n`)).to.include(
      whole('x'.repeat(26) + 'y'.repeat(10)),
    );
  });

  it('has extensions that mean nothing', () => {
    expect(decode('5;a\r\nhello\r\n0;b=c;d="e;\\"\t f"\r\n\r\n')).to.include(whole('hello'));
    expect(decode(`5;a=${'b'.repeat(4000)}\r\nhello\r\n0;c=""\r\n\r\n`)).to.include(whole('hello'));
  });

  it('ends at its end: what comes behind is not taken', () => {
    expect(decode('0\r\n\r\nHTTP/1.1')).to.include({ over: true, left: 8 });
    expect(decode('0\r\nA: 1\r\n\r\n\r\n')).to.include({ over: true, left: 2 });
  });

  it('has trailers', () => {
    expect(decode('0\r\nA: 1\r\nb:\t2 \r\n\r\n').trailers).to.deep.equal(['A', '1', 'b', '2']);
    expect(decode('0\r\n\r\n').trailers).to.deep.equal([]);
  });

  it('is not over before its last line end', () => {
    const text = '5;a=b\r\nhello\r\n0\r\nA: 1\r\n\r\n';
    for (let length = 0; length < text.length; length += 1) expect(decode(text.slice(0, length)).over, String(length)).to.equal(false);
    expect(decode(text).over).to.equal(true);
  });

  const malformed = {
    'no size': '\r\nhello',
    'no size, but an extension': ';a\r\nhello',
    'a sign': '+5\r\nhello',
    'a negative size': '-5\r\nhello',
    'a hexadecimal prefix': '0x5\r\nhello',
    'what is no digit': 'g\r\nhello',
    'a digit group': '1_0\r\nhello',
    'whitespace before the size': ' 5\r\nhello',
    'whitespace behind it': '5 \r\nhello',
    'whitespace before an extension': '5 ;a\r\nhello',
    'whitespace in an extension': '5; a\r\nhello',
    'more digits than a number has': '00000000000005\r\nhello',
    'a size beyond what is exact': '20000000000000\r\nhello',
    'a size that wraps around in 64 bits': '10000000000000005\r\nhello',
    'a LF on its own behind the size': '5\nhello',
    'a CR on its own behind the size': '5\rhello',
    'two CR behind the size': '5\r\r\nhello',
    'an extension without a name': '5;\r\nhello',
    'an extension without a value': '5;a=\r\nhello',
    'a LF on its own in an extension': '5;a\nhello\r\n',
    'a CR on its own in an extension': '5;a\rb\r\nhello',
    'a NUL in an extension': '5;a\0\r\nhello',
    'a quoted value that does not end': '5;a="b\r\nhello',
    'a line end in a quoted value': '5;a="\r\n"\r\nhello',
    'no line end behind the data': '5\r\nhello0\r\n\r\n',
    'more data than was said': '5\r\nhello!\r\n0\r\n\r\n',
    'a LF on its own behind the data': '5\r\nhello\n0\r\n\r\n',
    'two CR behind the data': '5\r\nhello\r\r\n0\r\n\r\n',
    'a trailer line that ends in LF': '0\r\nA: 1\n\r\n',
    'an end of LF': '0\r\n\n',
    'a folded trailer': '0\r\nA: 1\r\n 2\r\n\r\n',
    'whitespace before the colon of a trailer': '0\r\nA : 1\r\n\r\n',
    'a CR on its own in a trailer': '0\r\nA: 1\r2\r\n\r\n',
    'a trailer that is no field': '0\r\nA\r\n\r\n',
  };
  for (const [what, text] of Object.entries(malformed))
    it(`is refused: ${what}`, () => {
      expect(decode(text).code).to.equal('WIRE_MALFORMED');
      expect(decode(text, 'everywhere').code).to.equal('WIRE_MALFORMED');
    });

  it('is refused as soon as no size can come of it', () => {
    expect(decode('x').code).to.equal('WIRE_MALFORMED');
    expect(decode('12345678901234').code).to.equal('WIRE_MALFORMED');
    expect(decode('5\r\nhello!').code).to.equal('WIRE_MALFORMED');
  });

  it('is refused for extensions without an end, though no line ends', () => {
    expect(decode(`5;${'a'.repeat(4 * 1024)}`).code).to.equal('WIRE_OVERFLOW');
    expect(decode(`5;${'a'.repeat(4 * 1024)}`, 'everywhere').code).to.equal('WIRE_OVERFLOW');
    expect(decode(`5;${';a'.repeat(2 * 1024)}\r\nhello`).code).to.equal('WIRE_OVERFLOW');
  });

  it('is refused for trailers without an end: of one line, or of many', () => {
    expect(decode(`0\r\nA: ${'a'.repeat(64 * 1024)}`).code).to.equal('WIRE_OVERFLOW');
    expect(decode(`0\r\nA: ${'a'.repeat(64 * 1024)}`, 'everywhere').code).to.equal('WIRE_OVERFLOW');
    expect(decode(`0\r\n${'A: 1\r\n'.repeat(11_000)}`).code).to.equal('WIRE_OVERFLOW');
    expect(decode(`0\r\n${'A: 1\r\n'.repeat(10_000)}\r\n`).trailers).to.have.length(20_000);
  });

  it('stops where nobody takes any more of it', () => {
    let data = '';
    const body = new ChunkedBody((piece) => {
      data += piece.toString('latin1');
    });
    const bytes = bytesOf('5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n');
    expect(body.take(bytes, 0, () => data !== '')).to.equal('5\r\nhello'.length);
    expect(data).to.equal('hello');
  });

  it('is the same however it is cut into packets', () => {
    const chunk = fc.tuple(
      fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 }),
      fc.constantFrom('', ';a', ';a=b;c="d"'),
      fc.constantFrom('', '0', '000'),
    );
    fc.assert(
      fc.property(fc.array(chunk), fc.array(fc.nat(400)), fc.constantFrom('', 'A: 1\r\n', 'A: 1\r\nB: 2\r\n'), (chunks, cuts, trailers) => {
        const coded = chunks.map(([data, extensions, zeros]) => `${zeros}${data.length.toString(16)}${extensions}\r\n${data}\r\n`).join('');
        const text = `${coded}0\r\n${trailers}\r\nHTTP`;
        const decoded = decode(text);
        expect(decoded).to.include({ over: true, data: chunks.map(([data]) => data).join(''), left: 4 });
        for (const other of [decode(text, cuts), decode(text, 'everywhere')]) expect({ ...other, left: 4 }).to.deep.equal(decoded);
      }),
    );
  });
});
