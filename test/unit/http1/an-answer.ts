/** Answers of services, good and bad. */
import fc from 'fast-check';
import { bytesOf } from './a-parser.ts';

/** As some would write them who want two readers to disagree. */
const framings = [
  'Content-Length: 5',
  'content-length: 0',
  'Content-Length: 05',
  'Content-Length: +5',
  'Content-Length: -5',
  'Content-Length: 5, 5',
  'Content-Length: 0x5',
  'Content-Length: 5 ',
  'Content-Length: \t5',
  'Content-Length: 5 5',
  'Content-Length: 5.0',
  'Content-Length:',
  'Content-Length: 99999999999999999999',
  'Content-Length : 5',
  ' Content-Length: 5',
  'Content-Length: 5\r',
  'Content-Length: 5\0',
  'Transfer-Encoding: chunked',
  'transfer-encoding:CHUNKED',
  'Transfer-Encoding: \tchunked ',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: chunked, gzip',
  'Transfer-Encoding: identity',
  'Transfer-Encoding: chunked;q=1',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: ,chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding:',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding:\x0bchunked',
  'Transfer-Encoding:\r\n chunked',
];

const others = [
  'Content-Type: text/plain',
  'X-Empty:',
  'X-Wide:  \t a b \t ',
  'X-Bytes: caf\xe9\x80',
  'Connection: close',
  'Connection: keep-alive, X-Hop',
  'Keep-Alive: timeout=5, max=9',
  'X-Folded: a\r\n b',
  'X-Colons: a:b:c',
  'no field',
  ': without a name',
  'X Y: a',
  'X-Nul: a\0b',
  'X-Cr: a\rb',
  'X-Lf: a\nb',
  'X-Del: \x7f',
  'X(Y): a',
  '',
];

const statusLines = [
  'HTTP/1.1 200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.1 299 caf\xe9\ta',
  'HTTP/1.1  200 OK',
  'HTTP/1.1\t200 OK',
  'HTTP/1.1 200OK',
  'HTTP/1.1 20 OK',
  'HTTP/1.1 2000 OK',
  'HTTP/1.1 099 OK',
  'HTTP/1.1 000 OK',
  'HTTP/1.1 999 OK',
  'HTTP/1.1 +20 OK',
  'HTTP/2 200 OK',
  'HTTP/2.0 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/11.1 200 OK',
  'http/1.1 200 OK',
  ' HTTP/1.1 200 OK',
  '\r\nHTTP/1.1 200 OK',
  '\nHTTP/1.1 200 OK',
  'ICY 200 OK',
  'HTTP/1.1 200 O\0K',
  'HTTP/1.1 200 O\rK',
  'HTTP/1.1 101 Switching Protocols',
];

const bodies = [
  '',
  'hello',
  'hello, and more',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\nx-empty:\r\n\r\n',
  '0\r\n\r\n',
  '000005\r\nhello\r\n00\r\n\r\n',
  '5;a;b=c;d="e\\"f"\r\nhello\r\n0;x=y\r\n\r\n',
  '5 ;a=b\r\nhello\r\n0\r\n\r\n',
  '5; a=b\r\nhello\r\n0\r\n\r\n',
  '5;\r\nhello\r\n0\r\n\r\n',
  '5;a=\r\nhello\r\n0\r\n\r\n',
  '5;a\nhello\r\n0\r\n\r\n',
  '5;a\rb\r\nhello\r\n0\r\n\r\n',
  '5;a="b\r\nhello\r\n0\r\n\r\n',
  '5 \r\nhello\r\n0\r\n\r\n',
  ' 5\r\nhello\r\n0\r\n\r\n',
  '+5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  '0x5\r\nhello\r\n0\r\n\r\n',
  '5_0\r\nhello\r\n0\r\n\r\n',
  '\r\nhello\r\n0\r\n\r\n',
  'g\r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
  '5\r\nhello0\r\n\r\n',
  '5\r\nhello!\r\n0\r\n\r\n',
  '5\r\nhello\n0\r\n\r\n',
  '5\r\nhello\r\r\n0\r\n\r\n',
  '4\r\nhello\r\n0\r\n\r\n',
  '5\r\nhello\r\n0\r\n',
  '5\r\nhello\r\n0\n\r\n',
  '5\r\nhello\r\n0\r\nX: 1\n\r\n',
  '5\r\nhello\r\n0\r\n X: 1\r\n\r\n',
  '5\r\nhello\r\n0\r\nX : 1\r\n\r\n',
  '5\r\nhello\r\n0\r\nX: a\0\r\n\r\n',
  'fffffffffffff\r\nhello',
  'fffffffffffffffff\r\nhello',
  '10000000000000005\r\nhello\r\n0\r\n\r\n',
];

const interims = [
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\nContent-Length: 5\r\n\r\n',
  'HTTP/1.1 199 \r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\n\r\n',
];

/** Mostly the first; the others as often as each other. */
const mostly = (values: readonly string[], times = 1): fc.Arbitrary<string> =>
  fc.oneof({ weight: times, arbitrary: fc.constant(values[0] as string) }, { weight: 1, arbitrary: fc.constantFrom(...values) });

/** One byte put in, taken out or replaced: of those that matter in a head. */
const mutation = fc.record({
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  removed: fc.constantFrom(0, 1),
  added: fc.constantFrom('', ' ', '\t', '\r', '\n', '\r\n', '\0', ':', ',', ';', '0', '5', 'a', '\x7f', '\xff'),
});

type Mutation = { place: number; removed: number; added: string };

const mutated = (text: string, { place, removed, added }: Mutation): string => {
  const at = Math.floor(place * text.length);
  return text.slice(0, at) + added + text.slice(at + removed);
};

/** A whole connection's worth of bytes; the body may be none that its head announces, and more may come behind. */
export const answers: fc.Arbitrary<{ method: string; bytes: Buffer }> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD'),
    before: fc.oneof(
      { weight: 4, arbitrary: fc.constant<string[]>([]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...interims), { maxLength: 2 }) },
    ),
    line: mostly(statusLines, 6),
    framing: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(['Content-Length: 5'], ['Transfer-Encoding: chunked'], []) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom(...framings), { maxLength: 2 }) },
    ),
    fields: fc.array(mostly(others, 3), { maxLength: 3 }),
    body: fc.constantFrom(...bodies),
    behind: fc.constantFrom('', '', '', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '\r\n'),
    mutations: fc.oneof(
      { weight: 2, arbitrary: fc.constant<Mutation[]>([]) },
      { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
    ),
  })
  .map(({ method, before, line, framing, fields, body, behind, mutations }) => {
    const head = [line, ...fields, ...framing].join('\r\n');
    let text = `${before.join('')}${head}\r\n\r\n${body}${behind}`;
    for (const each of mutations) text = mutated(text, each);
    return { method, bytes: bytesOf(text) };
  });

/** Every line, field and body above, in an answer that is good otherwise. */
export function everyAnswer(): { what: string; method: string; bytes: Buffer }[] {
  const made = (text: string, method = 'GET') => ({ what: `${method} ${JSON.stringify(text)}`, method, bytes: bytesOf(text) });
  return [
    ...statusLines.map((line) => made(`${line}\r\nContent-Length: 5\r\n\r\nhello`)),
    ...statusLines.map((line) => made(`${line}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)),
    ...others.map((field) => made(`HTTP/1.1 200 OK\r\n${field}\r\nContent-Length: 5\r\n\r\nhello`)),
    ...framings.map((field) => made(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)),
    ...framings.map((field) => made(`HTTP/1.1 200 OK\r\n${field}\r\nContent-Length: 5\r\n\r\nhello`)),
    ...framings.map((field) => made(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${field}\r\n\r\n5\r\nhello\r\n0\r\n\r\n`)),
    ...framings.map((field) => made(`HTTP/1.1 304 Not Modified\r\n${field}\r\n\r\n`)),
    ...framings.map((field) => made(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n`, 'HEAD')),
    ...framings.map((field) => made(`HTTP/1.1 103 Early Hints\r\n${field}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`)),
    ...bodies.map((body) => made(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)),
    ...bodies.map((body) => made(`HTTP/1.1 200 OK\r\n\r\n${body}`)),
    ...interims.map((interim) => made(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello`)),
  ];
}
