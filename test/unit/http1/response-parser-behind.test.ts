import { expect } from 'chai';
import { answerOf, bytesOf, listening, of } from './a-parser.ts';

describe('ResponseParser, of bytes behind the end of an answer,', () => {
  const second = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged';
  const firsts = {
    'a length': answerOf('hello'),
    'no body': answerOf(''),
    chunks: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    trailers: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: 1\r\n\r\n',
    'a 204': 'HTTP/1.1 204 No Content\r\n\r\n',
    'a 304': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 44\r\n\r\n',
    'an interim answer': `HTTP/1.1 103 Early Hints\r\n\r\n${answerOf('hello')}`,
  };
  for (const [what, first] of Object.entries(firsts)) {
    it(`takes nothing for a next answer: behind ${what}`, () => {
      expect(of(first + second)).to.include({ taken: first.length, awaits: false });
      expect(of(first + second).told).to.deep.equal(of(first).told);
    });

    it(`takes nothing for a next answer, though that is expected within the end: behind ${what}`, () => {
      const bytes = bytesOf(first + second);
      for (let cut = 0; cut < first.length; cut += 1) {
        const { parser, told } = listening({ onEnd: () => parser.expect('GET') });
        parser.expect('GET');
        const [before, behind] = [bytes.subarray(0, cut), bytes.subarray(cut)];
        expect(parser.take(before) + parser.take(behind), String(cut)).to.equal(first.length);
        expect(parser.started).to.equal(false);
        expect(told.filter((each) => each.startsWith('end'))).to.have.length(1);
      }
    });
  }

  it('takes nothing for a next answer where the one under way was given up, be the next expected at once', () => {
    const chunks = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n';
    const until = (at: 'onHead' | 'onData', first: string) => {
      const giveUp = () => {
        parser.stop();
        parser.expect('GET');
      };
      const { parser, told } = listening({ [at]: giveUp });
      parser.expect('GET');
      const bytes = bytesOf(first + second);
      expect(parser.take(bytes)).to.be.below(bytes.length);
      return told;
    };
    expect(until('onHead', 'HTTP/1.1 103 Early Hints\r\n\r\n')).to.deep.equal(['head 103']);
    for (const first of [answerOf('hello'), chunks]) {
      expect(until('onHead', first)).to.deep.equal(['head 200']);
      expect(until('onData', first)).to.deep.equal(['head 200', 'data hello']);
    }
  });

  it('takes nothing that nobody expects', () => {
    const { parser, told } = listening();
    expect(parser.take(bytesOf(second))).to.equal(0);
    parser.expect('GET');
    parser.stop();
    expect(parser.take(bytesOf(second))).to.equal(0);
    expect(told).to.deep.equal([]);
  });

  it('is told of none of the answer before, be that in the middle of its head or of a chunk', () => {
    for (const part of ['HTTP/1.1 200 OK\r\nContent-Length: 3', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe']) {
      const { parser, told } = listening();
      parser.expect('GET');
      parser.take(bytesOf(part));
      parser.stop();
      told.length = 0;
      parser.expect('GET');
      parser.take(bytesOf(answerOf('hello')));
      expect(told).to.deep.equal(['head 200', 'data hello', 'end ']);
    }
  });
});
