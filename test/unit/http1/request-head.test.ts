import { once } from 'node:events';
import { createServer, type IncomingMessage, METHODS } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import fc from 'fast-check';
import { framing, noBody, requestHead, type WireRequest } from '../../../core/http1/request-head.ts';
import { WireError } from '../../../core/http1/wire-error.ts';

const of = (request: Partial<WireRequest> = {}) =>
  requestHead({ method: 'GET', path: '/', host: 'orders:8080', fields: [], body: undefined, idle: 1_000, ...request });

const refusal = (request: Partial<WireRequest>) =>
  expect(() => of(request))
    .to.throw()
    .with.property('code', 'WIRE_UNSENDABLE');

/** Simple and strict: a line is what ends in CRLF; no CR or LF may stand elsewhere. */
function strictly(text: string): { line: string[]; fields: string[] } {
  const lines = text.split('\r\n');
  if (lines.some((line) => /[\r\n\0]/.test(line)) || lines.pop() !== '') throw new Error('a CR, LF or NUL of its own');
  const [first = '', ...rest] = lines;
  const fields = rest.flatMap((line) => [
    line.slice(0, line.indexOf(':')),
    line.slice(line.indexOf(':') + 1).replace(/^[\t ]+|[\t ]+$/g, ''),
  ]);
  return { line: first.split(' '), fields };
}

const trimmed = (value: string) => value.replace(/^[\t ]+|[\t ]+$/g, '');

describe('requestHead', () => {
  it('is the request line, the host and the fields, as they are said', () => {
    const { text, length } = of({ path: '/orders?a=b&c', fields: ['Accept', '*/*', 'x-a', '1', 'X-A', '', 'x-caf', 'caf\xe9'] });
    expect(text).to.equal('GET /orders?a=b&c HTTP/1.1\r\nhost: orders:8080\r\nAccept: */*\r\nx-a: 1\r\nX-A: \r\nx-caf: caf\xe9\r\n');
    expect(length).to.equal(undefined);
  });

  it('knows the target of a whole server', () => expect(of({ method: 'OPTIONS', path: '*' }).text).to.match(/^OPTIONS \* HTTP\/1\.1\r\n/));

  it('leaves out the length, and tells it', () => {
    const body = Readable.from([]);
    expect(of({ method: 'POST', fields: ['A', '1', 'Content-Length', '12', 'B', '2'], body })).to.deep.equal({
      text: 'POST / HTTP/1.1\r\nhost: orders:8080\r\nA: 1\r\nB: 2\r\n',
      length: 12,
    });
    expect(of({ fields: ['content-length', '0'] }).length).to.equal(0);
  });

  it('refuses a length that is none, two of them, and one without a body', () => {
    const body = Readable.from([]);
    for (const length of ['', '+5', '-5', '5, 5', '0x5', ' 5', '5\r\n', '1234567890123456'])
      refusal({ body, fields: ['content-length', length] });
    refusal({ body, fields: ['content-length', '5', 'Content-Length', '5'] });
    refusal({ fields: ['content-length', '5'] });
  });

  it('refuses fields that tell of the connection, or are said here', () => {
    for (const name of ['Host', 'host', 'Transfer-Encoding', 'transfer-encoding', 'Connection', 'keep-alive', 'UPGRADE'])
      refusal({ fields: [name, 'a'] });
  });

  it('refuses a method whose answer would be a tunnel', () => refusal({ method: 'CONNECT' }));

  const evil = [
    '\r\nx: y',
    '\nx: y',
    '\rx: y',
    '\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n',
    '\0',
    '\x0b',
    '\x7f',
    '\u010d\u010a',
    '\u560a',
    '\ud800',
    '\x1f',
  ];
  for (const text of evil)
    it(`refuses ${JSON.stringify(text)} wherever it is said`, () => {
      for (const said of [text, `a${text}`, `${text}a`, `a${text}a`]) {
        refusal({ method: said });
        refusal({ path: `/${said}` });
        refusal({ host: said });
        refusal({ fields: [said, 'a'] });
        refusal({ fields: ['a', said] });
        refusal({ fields: ['a', 'b', 'c', said, 'd', 'e'] });
      }
    });

  it('refuses names that are none', () => {
    for (const name of ['', 'a:', ':a', 'a: b', 'a ', ' a', 'a b', 'a\t', 'caf\xe9', 'a(', 'x: y\r\nz']) refusal({ fields: [name, 'a'] });
  });

  it('refuses methods that are none', () => {
    for (const method of ['', 'GET ', ' GET', 'GET /a', 'GET\t', 'G:', 'GET / HTTP/1.1\r\nx:']) refusal({ method });
  });

  it('refuses targets of another form, and with whitespace', () => {
    for (const path of [
      '',
      'a',
      'http://other/',
      '/a b',
      '/a\tb',
      '/ HTTP/1.1',
      '/a HTTP/1.1\r\nx: y',
      '/\u0120',
      '/caf\u00e9\u2028',
      '**',
      '*/',
    ])
      refusal({ path });
  });

  describe('whatever it is asked for', () => {
    const odd = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', 'B', '1', '-', ' ', '\t', ':', '\r', '\n', '\r\n', '\0', '\xe9', '\u010a', '/', '?') }),
      fc.string({ unit: 'binary' }),
    );
    const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,20}$/);
    const value = fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/);
    const mostly = (good: fc.Arbitrary<string>) => fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: odd });
    const request = fc.record({
      method: mostly(fc.constantFrom('GET', 'POST', 'DELETE', 'PROPFIND')),
      path: mostly(fc.stringMatching(/^\/[\x21-\x7e]{0,40}$/)),
      host: mostly(fc.constantFrom('a', 'orders:8080', '[::1]:80')),
      fields: fc.array(fc.tuple(mostly(token), mostly(value)), { maxLength: 6 }).map((fields) => fields.flat()),
    });
    const written = (asked: Partial<WireRequest>) => {
      try {
        return of(asked).text;
      } catch (error) {
        expect(error).to.be.instanceOf(WireError);
        return undefined;
      }
    };

    it('is exactly that, read simply and strictly, or refused', () => {
      let sent = 0;
      fc.assert(
        fc.property(request, ({ method, path, host, fields }) => {
          const text = written({ method, path, host, fields });
          if (text === undefined) return;
          sent += 1;
          expect(strictly(text)).to.deep.equal({ line: [method, path, 'HTTP/1.1'], fields: ['host', host, ...fields].map(trimmed) });
        }),
        { numRuns: 2_000 },
      );
      expect(sent).to.be.above(200);
    });

    it('is exactly that, read by node, or refused', async () => {
      let came: IncomingMessage | undefined;
      const server = createServer({ requireHostHeader: false }, (req, res) => {
        came = req;
        res.writeHead(204, { connection: 'close' }).end();
      });
      server.on('clientError', (_error, socket) => socket.destroy());
      server.listen(0, '127.0.0.1').unref();
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      let sent = 0;
      await fc.assert(
        fc.asyncProperty(request, async ({ method, path, host, fields }) => {
          const text = written({ method, path, host, fields });
          // Node knows no methods but those of its list.
          if (text === undefined || !METHODS.includes(method)) return;
          sent += 1;
          came = undefined;
          const socket = connect(port, '127.0.0.1').on('error', () => {});
          socket.resume().write(`${text}\r\n`, 'latin1');
          await once(socket, 'close');
          const { method: readMethod, url, rawHeaders } = came as unknown as IncomingMessage;
          expect({ method: readMethod, url, rawHeaders }).to.deep.equal({
            method,
            url: path,
            rawHeaders: ['host', host, ...fields].map(trimmed),
          });
        }),
        { numRuns: 200 },
      );
      server.close();
      expect(sent).to.be.above(20);
    });
  });
});

describe('the end of a request head', () => {
  it('tells of the body', () => {
    expect(framing(0)).to.equal('content-length: 0\r\n\r\n');
    expect(framing(12)).to.equal('content-length: 12\r\n\r\n');
    expect(framing(undefined)).to.equal('transfer-encoding: chunked\r\n\r\n');
  });

  it('says that there is none where one is usual', () => {
    for (const method of ['POST', 'PUT', 'PATCH']) expect(noBody(method)).to.equal('content-length: 0\r\n\r\n');
    for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS']) expect(noBody(method)).to.equal('\r\n');
  });
});
