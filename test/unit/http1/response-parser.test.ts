import { expect } from 'chai';
import fc from 'fast-check';
import { answerOf, bytesOf, type Cuts, listening, of, packets, read } from './a-parser.ts';
import { answers, everyAnswer } from './an-answer.ts';

const LARGEST = 64 * 1024;

/** A head of so many bytes. */
const headOf = (size: number, line = 'HTTP/1.1 200 OK', field = 'Content-Length: 0') => {
  const text = `${line}\r\n${field}\r\nX: `;
  return `${text}${'x'.repeat(size - text.length - 4)}\r\n\r\n`;
};

describe('ResponseParser', () => {
  it('tells the head, the body and the end', () => {
    expect(of(answerOf('hello')).told).to.deep.equal(['head 200', 'data hello', 'end ']);
    expect(of(answerOf('')).told).to.deep.equal(['head 200', 'end ']);
    expect(of('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: 1\r\n\r\n').told).to.deep.equal([
      'head 200',
      'data hello',
      'end A,1',
    ]);
  });

  it('tells interim answers before the final one', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n';
    expect(of(`${interim}${answerOf('hi')}`).told).to.deep.equal(['head 100', 'head 103', 'head 200', 'data hi', 'end ']);
    expect(of(interim)).to.include({ left: 0, awaits: true });
  });

  it('waits for no body to a HEAD, of 204 and 304', () => {
    expect(of('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 'HEAD')).to.include({ awaits: false });
    expect(of('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'HEAD')).to.include({ awaits: false });
    expect(of('HTTP/1.1 204 No Content\r\n\r\n')).to.include({ awaits: false });
    expect(of('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n')).to.include({ awaits: false });
  });

  it('ends a body without a length with the connection, and no other', () => {
    const ended = (text: string) => {
      const { parser, told } = listening();
      parser.expect('GET');
      parser.take(bytesOf(text));
      return [parser.end(), told.at(-1)];
    };
    expect(ended('HTTP/1.1 200 OK\r\n\r\nhello')).to.deep.equal([true, 'end ']);
    expect(ended('HTTP/1.1 200 OK\r\n\r\n')).to.deep.equal([true, 'end ']);
    expect(ended('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello')).to.deep.equal([false, 'data hello']);
    expect(ended('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n')).to.deep.equal([false, 'data hello']);
    expect(ended('HTTP/1.1 200 OK\r\nA: 1\r\n')).to.deep.equal([false, undefined]);
    expect(ended('HTTP/1.1 100 Continue\r\n\r\n')).to.deep.equal([false, 'head 100']);
    expect(ended(answerOf('hello'))).to.deep.equal([false, 'end ']);
  });

  it('knows whether a byte of this answer has come', () => {
    const { parser } = listening();
    parser.expect('GET');
    expect(parser.started).to.equal(false);
    parser.take(Buffer.alloc(0));
    expect(parser.started).to.equal(false);
    parser.take(bytesOf('H'));
    expect(parser.started).to.equal(true);
    parser.stop();
    parser.expect('GET');
    expect(parser.started).to.equal(false);
  });

  describe('however the bytes are cut', () => {
    const same = (method: string, bytes: Buffer, cuts: Cuts[]) => {
      const { heads, data, trailers, refused, taken } = read(bytes, { method });
      for (const each of cuts) {
        const other = read(bytes, { method, cuts: each });
        expect(other).to.deep.include({ heads, trailers, refused });
        // What came before it was refused may have been told already.
        if (refused === undefined) expect(other).to.include({ data, taken });
        else expect(other.data.startsWith(data)).to.equal(true);
      }
    };

    it('tells the same of each of a list of good and bad answers', () => {
      for (const { what, method, bytes } of everyAnswer())
        try {
          same(method, bytes, ['everywhere', [Math.floor(bytes.length / 2)], [bytes.length - 7, bytes.length - 1]]);
        } catch (error) {
          throw new Error(what, { cause: error });
        }
    }).timeout(20_000);

    it('tells the same whatever it is made of', () => {
      fc.assert(
        fc.property(answers, fc.array(fc.nat(200), { maxLength: 8 }), ({ method, bytes }, cuts) =>
          same(method, bytes, ['everywhere', cuts]),
        ),
        { numRuns: 2_000 },
      );
    }).timeout(20_000);

    it('tells the same of a head at the limit, and beyond it', () => {
      for (const size of [LARGEST - 4, LARGEST - 3, LARGEST - 1, LARGEST]) {
        const bytes = bytesOf(headOf(size));
        expect(read(bytes).trailers, String(size)).to.deep.equal([]);
        for (const cut of [1, size - 4, size - 3, size - 1]) expect(read(bytes, { cuts: [cut] })).to.deep.equal(read(bytes));
      }
      for (const size of [LARGEST + 1, LARGEST + 4, LARGEST + 5, 2 * LARGEST])
        for (const cuts of [[], [1], [LARGEST], [size - 4], [size - 1]])
          expect(read(bytesOf(headOf(size)), { cuts }).refused, `${size} ${cuts}`).to.equal('WIRE_OVERFLOW');
    });

    it('takes the body that comes with the end of the head, however large', () => {
      const body = 'x'.repeat(300_000);
      const bytes = bytesOf(answerOf(body));
      expect(read(bytes, { cuts: [20] }).data.length).to.equal(body.length);
      expect(read(bytes, { cuts: [20] })).to.deep.equal(read(bytes));
    });
  });

  describe('of bytes that cannot be an answer', () => {
    const refused = (text: string) => read(bytesOf(text)).refused;

    it('refuses them as soon as they cannot', () => {
      for (const text of ['x', 'HTTP/2', 'http/1.1', '\r\n', '\n', ' ', 'HTTX', '\0', 'HTTP/1.1 200 OK\n', 'HTTP/1.1 200 OK\r\nA: 1\n'])
        expect(refused(text), JSON.stringify(text)).to.equal('WIRE_MALFORMED');
    });

    it('refuses a head without an end, though it comes byte by byte', () => {
      expect(refused(`HTTP/1.1 200 OK\r\n${'A: 1\r\n'.repeat(11_000)}`)).to.equal('WIRE_OVERFLOW');
      expect(refused(`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(LARGEST)}`)).to.equal('WIRE_OVERFLOW');
      expect(read(bytesOf(`HTTP/1.1 ${'2'.repeat(LARGEST)}`), { cuts: 'everywhere' }).refused).to.equal('WIRE_OVERFLOW');
    });

    it('refuses interim answers without an end, in whatever packets', () => {
      const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n';
      const few = interim.repeat(Math.floor(LARGEST / interim.length));
      expect(read(bytesOf(few + answerOf('hi'))).data).to.equal('');
      expect(read(bytesOf(few.slice(0, -3 * interim.length) + answerOf('hi'))).data).to.equal('hi');
      expect(refused(few + interim)).to.equal('WIRE_OVERFLOW');
      expect(read(bytesOf(few + interim), { cuts: 'everywhere' }).refused).to.equal('WIRE_OVERFLOW');
    });

    it('counts the interim answers of one request only', () => {
      const { parser, told } = listening();
      for (let request = 0; request < 3; request += 1) {
        parser.expect('GET');
        parser.take(bytesOf(headOf(LARGEST / 2, 'HTTP/1.1 103 Early Hints', 'A: 1')));
        parser.take(bytesOf(answerOf('')));
      }
      expect(told.filter((each) => each === 'end ')).to.have.length(3);
    });
  });

  it('reads one answer after the other', () => {
    const { parser, told } = listening();
    for (const [method, text] of [
      ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'],
      ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'],
      ['GET', answerOf('b')],
    ] as const) {
      parser.expect(method);
      for (const packet of packets(bytesOf(text), 'everywhere')) parser.take(packet);
      expect(parser.awaits).to.equal(false);
    }
    expect(told).to.deep.equal(['head 200', 'data a', 'end ', 'head 200', 'end ', 'head 200', 'data b', 'end ']);
  });
});
