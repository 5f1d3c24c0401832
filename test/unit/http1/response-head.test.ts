import { expect } from 'chai';
import { type ResponseHead, readHead } from '../../../core/http1/response-head.ts';

const head = (fields: string[] = [], { line = 'HTTP/1.1 200 OK', isHead = false } = {}): ResponseHead =>
  readHead([line, ...fields, ''].join('\r\n'), isHead);
const refusal = (act: () => unknown) => expect(act).to.throw().with.property('code', 'WIRE_MALFORMED');

describe('readHead', () => {
  describe('of a status line', () => {
    it('tells the status and the phrase', () => {
      expect(head()).to.include({ status: 200, statusText: 'OK' });
      expect(head([], { line: 'HTTP/1.1 299 caf\xe9 \t:' })).to.include({ status: 299, statusText: 'caf\xe9 \t:' });
      expect(head([], { line: 'HTTP/1.0 404 Not Found' })).to.include({ status: 404, statusText: 'Not Found' });
    });

    it('needs no phrase, nor the space before it', () => {
      expect(head([], { line: 'HTTP/1.1 200 ' })).to.include({ status: 200, statusText: '' });
      expect(head(['A: 1'], { line: 'HTTP/1.1 200' })).to.deep.include({ status: 200, statusText: '', fields: ['A', '1'] });
    });

    it('leaves what HTTP does not define to who knows what is to be done of it', () =>
      expect(head([], { line: 'HTTP/1.1 999 X' }).status).to.equal(999));

    const refused = [
      'HTTP/1.1  200 OK',
      'HTTP/1.1\t200 OK',
      'HTTP/1.1 200OK',
      'HTTP/1.1 20 OK',
      'HTTP/1.1 2000 OK',
      'HTTP/1.1 099 OK',
      'HTTP/1.1 000 OK',
      'HTTP/1.1 +20 OK',
      'HTTP/1.1 2\xb20 OK',
      'HTTP/1.1',
      'HTTP/1.1 ',
      'HTTP/2 200 OK',
      'HTTP/2.0 200 OK',
      'HTTP/1.2 200 OK',
      'HTTP/1. 200 OK',
      'HTTP/11.1 200 OK',
      'http/1.1 200 OK',
      ' HTTP/1.1 200 OK',
      '\r\nHTTP/1.1 200 OK',
      '\nHTTP/1.1 200 OK',
      'ICY 200 OK',
      '<html>',
      '',
      'HTTP/1.1 200 O\0K',
      'HTTP/1.1 200 O\rK',
      'HTTP/1.1 200 O\nK',
      'HTTP/1.1 200 O\x7fK',
      'HTTP/1.1 101 Switching Protocols',
    ];
    for (const line of refused) it(`refuses ${JSON.stringify(line)}`, () => refusal(() => head(['Content-Length: 0'], { line })));
  });

  describe('of the body', () => {
    it('tells the length, or that it comes in chunks, or that it goes on to the end', () => {
      expect(head(['Content-Length: 5']).framing).to.equal(5);
      expect(head(['content-length:0005']).framing).to.equal(5);
      expect(head(['CONTENT-LENGTH: 999999999999999']).framing).to.equal(999_999_999_999_999);
      expect(head(['Transfer-Encoding: chunked']).framing).to.equal('chunked');
      expect(head(['tRANSFER-eNCODING: \tChunked ']).framing).to.equal('chunked');
      expect(head().framing).to.equal('close');
    });

    const lengths = [
      '+5',
      '-5',
      '5, 5',
      '5,5',
      '5 5',
      '0x5',
      '5.0',
      '5e0',
      '',
      '5;',
      '"5"',
      '\xb2',
      '1234567890123456',
      '99999999999999999999',
    ];
    for (const length of lengths)
      it(`refuses the length ${JSON.stringify(length)}`, () => {
        refusal(() => head([`Content-Length: ${length}`]));
        refusal(() => head([`Content-Length: ${length}`], { isHead: true }));
      });

    it('refuses two lengths, be they equal', () => {
      refusal(() => head(['Content-Length: 5', 'Content-Length: 6']));
      refusal(() => head(['Content-Length: 5', 'content-length: 5']));
    });

    const codings = [
      'gzip',
      'gzip, chunked',
      'chunked, gzip',
      'chunked, chunked',
      ',chunked',
      'chunked,',
      'identity',
      'chunked;q=1',
      '"chunked"',
      'xchunked',
      '',
    ];
    for (const coding of codings)
      it(`refuses the coding ${JSON.stringify(coding)}`, () => {
        refusal(() => head([`Transfer-Encoding: ${coding}`]));
        refusal(() => head([`Transfer-Encoding: ${coding}`], { isHead: true }));
      });

    it('refuses a coding beside a length, whichever comes first, twice, or of HTTP/1.0', () => {
      refusal(() => head(['Transfer-Encoding: chunked', 'Content-Length: 5']));
      refusal(() => head(['Content-Length: 0', 'Transfer-Encoding: chunked']));
      refusal(() => head(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']));
      refusal(() => head(['Transfer-Encoding: chunked'], { line: 'HTTP/1.0 200 OK' }));
    });

    it('knows that there is none, whatever is said of it: to a HEAD, of 204 and 304', () => {
      for (const framing of [[], ['Content-Length: 5'], ['Transfer-Encoding: chunked']]) {
        expect(head(framing, { isHead: true }).framing).to.equal(0);
        expect(head(framing, { line: 'HTTP/1.1 204 No Content' }).framing).to.equal(0);
        expect(head(framing, { line: 'HTTP/1.1 304 Not Modified' }).framing).to.equal(0);
      }
    });

    it('refuses an interim answer that says it has one', () => {
      for (const line of ['HTTP/1.1 100 Continue', 'HTTP/1.1 103 Early Hints', 'HTTP/1.1 199 X']) {
        expect(head([], { line }).framing).to.equal(0);
        expect(head(['Content-Length: 0'], { line }).framing).to.equal(0);
        refusal(() => head(['Content-Length: 5'], { line }));
        refusal(() => head(['Transfer-Encoding: chunked'], { line }));
      }
    });
  });

  describe('of the connection', () => {
    const persists = (connection: string[], line = 'HTTP/1.1 200 OK', framing = 'Content-Length: 5') =>
      head([framing, ...connection.map((value) => `Connection: ${value}`)], { line }).persists;

    it('persists in HTTP/1.1 unless it is to be closed', () => {
      expect(persists([])).to.equal(true);
      expect(persists(['keep-alive'])).to.equal(true);
      expect(persists(['X-Closed, not-close'])).to.equal(true);
      for (const closed of [['close'], ['Close'], ['X-Hop ,\tCLOSE'], ['keep-alive, close'], ['X-Hop', 'close'], ['close', 'X-Hop']])
        expect(persists(closed), closed.join()).to.equal(false);
    });

    it('persists in HTTP/1.0 if it is to be kept, and not closed as well', () => {
      const line = 'HTTP/1.0 200 OK';
      expect(persists([], line)).to.equal(false);
      expect(persists(['Keep-Alive'], line)).to.equal(true);
      expect(persists(['X-Hop, keep-alive'], line)).to.equal(true);
      expect(persists(['keep-alive, close'], line)).to.equal(false);
      expect(persists(['close', 'keep-alive'], line)).to.equal(false);
    });

    it('does not persist behind a body that goes on to its end', () => {
      expect(head(['Connection: keep-alive']).persists).to.equal(false);
      expect(persists([], 'HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')).to.equal(true);
    });

    it('does not persist behind a 204 that says it has a body: that would be the next answer', () => {
      const line = 'HTTP/1.1 204 No Content';
      expect(persists([], line)).to.equal(false);
      expect(persists([], line, 'Transfer-Encoding: chunked')).to.equal(false);
      expect(persists([], line, 'Content-Length: 0')).to.equal(true);
      expect(persists([], 'HTTP/1.1 304 Not Modified')).to.equal(true);
    });

    it('tells for how long the service keeps it', () => {
      const seconds = (value: string) => head([`Keep-Alive: ${value}`]).idleSeconds;
      expect(seconds('timeout=5')).to.equal(5);
      expect(seconds('max=100, Timeout=65')).to.equal(65);
      expect(seconds('timeout=5, max=100')).to.equal(5);
      for (const unread of ['', '5', 'timeout=', 'timeout=-1', 'timeout=5s', 'xtimeout=5', 'timeout=1234567'])
        expect(seconds(unread), unread).to.equal(undefined);
      expect(head().idleSeconds).to.equal(undefined);
    });
  });
});
