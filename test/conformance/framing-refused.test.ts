/** A request ends where everybody agrees it ends (RFC 9112 section 6); what leaves room for doubt is refused, its connection closed. */
import { expect } from 'chai';
import { stage } from './support/stage.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (lines: string[], body: string, version = '1.1') =>
  `POST / HTTP/${version}\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n${body}`;

const refused: Record<string, [string, number[]]> = {
  'Content-Length and Transfer-Encoding': [post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`), [400]],
  'Transfer-Encoding and Content-Length': [post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${smuggled}`), [400]],
  'two different Content-Lengths': [post(['Content-Length: 0', `Content-Length: ${smuggled.length}`], smuggled), [400]],
  'two equal Content-Lengths': [post(['Content-Length: 2', 'content-length: 2'], 'hi'), [400]],
  'a Content-Length list of equal values': [post(['Content-Length: 2, 2'], 'hi'), [400]],
  'a Content-Length list of different values': [post(['Content-Length: 0, 2'], 'hi'), [400]],
  'a negative Content-Length': [post(['Content-Length: -1'], ''), [400]],
  'a Content-Length with a sign': [post(['Content-Length: +2'], 'hi'), [400]],
  'a hexadecimal Content-Length': [post(['Content-Length: 0x2'], 'hi'), [400]],
  'an empty Content-Length': [post(['Content-Length:'], ''), [400]],
  'a Content-Length with a space in it': [post(['Content-Length: 1 2'], 'hi'), [400]],
  'a Content-Length beyond all numbers': [post(['Content-Length: 99999999999999999999999'], 'hi'), [400, 413]],
  'Transfer-Encoding in HTTP/1.0': [post(['Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`, '1.0'), [400, 501]],
  'gzip before chunked': [post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked before gzip': [post(['Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'), [400, 501]],
  'chunked twice': [post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked in two lines': [post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked and identity': [post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'), [400, 501]],
  identity: [post(['Transfer-Encoding: identity'], ''), [400, 501]],
  xchunked: [post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'), [400, 501]],
  'quoted chunked': [post(['Transfer-Encoding: "chunked"'], '0\r\n\r\n'), [400, 501]],
  'an empty Transfer-Encoding': [post(['Transfer-Encoding:'], ''), [400, 501]],
  'chunked with a parameter': [post(['Transfer-Encoding: chunked;a=b'], '0\r\n\r\n'), [400, 501]],
  'chunked behind a vertical tab': [post(['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'), [400, 501]],
  'a space before the colon': [post(['Content-Length : 5'], smuggled), [400]],
  'a tab before the colon': [post(['Transfer-Encoding\t: chunked'], '0\r\n\r\n'), [400]],
  'a line folding': [post(['X-Folded: a', ' b', 'Content-Length: 0'], ''), [400]],
  'a folded Transfer-Encoding': [post(['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'), [400, 501]],
  'a space before the first field': [`GET / HTTP/1.1\r\n Host: a\r\n\r\n`, [400]],
  'a bare CR in a value': [post(['X-Field: a\rb', 'Content-Length: 0'], ''), [400]],
  'a bare CR between lines': ['GET / HTTP/1.1\r\nHost: a\rTransfer-Encoding: chunked\r\n\r\n', [400]],
  'a bare LF between lines': ['GET / HTTP/1.1\nHost: a\n\n', [400]],
  'a bare LF behind one field': ['GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n', [400]],
  'a NUL in a value': [post(['X-Field: a\0b', 'Content-Length: 0'], ''), [400]],
  'a NUL in a name': [post(['X-Fi\0eld: a', 'Content-Length: 0'], ''), [400]],
  'a line without a colon': ['GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', [400]],
  'a field without a name': ['GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', [400]],
  'HTTP/0.9': ['GET /\r\n\r\n', [400]],
  'HTTP/2.0 in a line': ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', [400, 505]],
  'HTTP/1.9': ['GET / HTTP/1.9\r\nHost: a\r\n\r\n', [400, 505]],
  'http in lower case': ['GET / http/1.1\r\nHost: a\r\n\r\n', [400]],
  'a space in the target': ['GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
  'a method that is no token': ['G@T / HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
  'the HTTP/2 preface': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 501, 505]],
  'TLS to a plain port': ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', [400]],
  'a flood of chunk extensions': [post(['Transfer-Encoding: chunked'], `1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`), [400, 413, 431]],
  'a chunk size beyond all numbers': [post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nx'), [400]],
  'a negative chunk size': [post(['Transfer-Encoding: chunked'], '-1\r\nx'), [400]],
  'a chunk size in 0x': [post(['Transfer-Encoding: chunked'], '0x1\r\nx\r\n0\r\n\r\n'), [400]],
  'a chunk longer than its size': [post(['Transfer-Encoding: chunked'], '1\r\nxy\r\n0\r\n\r\n'), [400]],
  'a bare LF behind a chunk size': [post(['Transfer-Encoding: chunked'], '1\nx\r\n0\r\n\r\n'), [400]],
  'a bare CR in a chunk extension': [post(['Transfer-Encoding: chunked'], '1;a\rb\r\nx\r\n0\r\n\r\n'), [400]],
  'a space behind a chunk size': [post(['Transfer-Encoding: chunked'], '1 \r\nx\r\n0\r\n\r\n'), [400, 200]],
};

describe('request framing', () => {
  const on = stage();

  for (const [what, [bytes, statuses]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const gateway = await on.gateway(await on.service());
      const client = await on.client(gateway);
      client.send(bytes);
      const received = await (statuses.includes(200) ? client.head() : client.closed);
      expect(received.match(/^HTTP\/1\.1 \d+/gm), received).to.have.length(1);
      expect(Number(received.slice(9, 12)), received).to.be.oneOf(statuses);
      expect(received).to.not.include('/smuggled');
      expect((await on.get(gateway)).status).to.equal(200);
    });
  }
});
