import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { compress } from '../../../../core/filter/builtin/compress.ts';
import { UpstreamResponse } from '../../../../core/upstream/response.ts';
import { anExchange, type Given } from '../an-exchange.ts';

/** Of the event loop, in which it must go on: it compresses on threads that others use too. */
const MOST_TURNS = 1_000_000;

describe('the filter compress', () => {
  const decompress = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
  const options = { minSize: 0, types: ['text/*', 'application/json', 'application/*+json'], encodings: ['br', 'zstd', 'gzip'] as const };
  const filter = compress({ ...options, encodings: [...options.encodings] });
  const big = 'the same again and '.repeat(100);

  const filtered = (given: Given & { headers?: Record<string, string> }, by = filter) => {
    const exchange = anExchange({ headers: { 'accept-encoding': 'gzip' }, ...given });
    void by.run(exchange);
    return exchange;
  };

  it('gives back what the service wrote, whatever that is and however it comes', async () => {
    const chunk = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(0, 1, 70_000, 300_000).map((length) => Buffer.alloc(length, 'ab')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 8 }),
        fc.constantFrom('gzip', 'br', 'zstd'),
        fc.nat(8),
        fc.boolean(),
        async (chunks, encoding, early, sized) => {
          let [paused, turns] = [false, 0];
          const length = chunks.reduce((sum, { length: bytes }) => sum + bytes, 0);
          const headers = ['Content-Type', 'text/plain', ...(sized ? ['Content-Length', String(length)] : [])];
          const answer = new UpstreamResponse(200, '', headers, {
            pause: () => (paused = true),
            resume: () => (paused = false),
            abort() {},
          });
          for (const bytes of chunks.slice(0, early)) answer.receive(Buffer.from(bytes));
          const exchange = anExchange({ headers: { 'accept-encoding': encoding } });
          exchange.answer = answer;
          void filter.run(exchange);
          const whole = exchange.current().collect(10_000_000);
          for (const bytes of chunks.slice(early)) {
            while (paused && turns < MOST_TURNS) {
              turns += 1;
              await new Promise((resolve) => setImmediate(resolve));
            }
            answer.receive(Buffer.from(bytes));
          }
          answer.complete([]);
          expect(decompress[encoding](await whole).equals(Buffer.concat(chunks))).to.equal(true);
          expect(turns).to.be.lessThan(MOST_TURNS);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('says so, and that it depends on what the client takes', () => {
    const fields = [
      'Content-Type',
      'text/plain',
      'Content-Length',
      String(big.length),
      'ETag',
      '"a"',
      'Accept-Ranges',
      'bytes',
      'Vary',
      'Origin',
      'Content-Digest',
      'd',
    ];
    const { response } = filtered({ answer: [200, fields, big] });
    expect([...response.headers.entries()]).to.deep.equal([
      ['Content-Type', 'text/plain'],
      ['Vary', 'Origin, Accept-Encoding'],
      ['Content-Encoding', 'gzip'],
      ['ETag', 'W/"a"'],
    ]);
  });

  it('leaves a weak validator, and a Vary that says it already', () => {
    for (const vary of ['accept-encoding', 'Origin, Accept-Encoding', '*']) {
      const { response } = filtered({ answer: [200, ['Content-Type', 'text/plain', 'Vary', vary, 'ETag', 'W/"a"'], big] });
      expect([response.headers.get('vary'), response.headers.get('etag')]).to.deep.equal([vary, 'W/"a"']);
    }
  });

  const left: Readonly<Record<string, readonly [number, string[]]>> = {
    'that is encoded': [200, ['Content-Type', 'text/plain', 'Content-Encoding', 'br']],
    'of no type': [200, []],
    'of a type that is not worth it': [200, ['Content-Type', 'image/png']],
    'that may not be changed': [200, ['Content-Type', 'text/plain', 'Cache-Control', 'public, no-transform']],
    'without content': [204, ['Content-Type', 'text/plain']],
    'that nothing has changed, of a type that is not worth it': [304, ['Content-Type', 'image/png', 'ETag', '"a"']],
    'that an encoded one has not changed': [304, ['Content-Encoding', 'br', 'ETag', '"a"']],
  };
  for (const [what, [status, fields]] of Object.entries(left))
    it(`leaves an answer ${what}`, () => {
      const before = [...fields];
      const exchange = filtered({ answer: [status, fields, big] });
      expect(exchange.current().headers).to.deep.equal(before);
    });

  it('says of one that has not changed what it says of the whole one', () => {
    const told = (fields: string[], headers: Record<string, string>) => {
      const { response } = filtered({ headers, answer: [304, fields] });
      return [response.headers.get('vary'), response.headers.get('etag'), response.headers.has('content-encoding')];
    };
    for (const type of [[], ['Content-Type', 'text/plain']]) {
      expect(told([...type, 'ETag', '"a"'], { 'accept-encoding': 'gzip' })).to.deep.equal(['Accept-Encoding', 'W/"a"', false]);
      expect(told([...type, 'ETag', '"a"'], {})).to.deep.equal(['Accept-Encoding', '"a"', false]);
    }
  });

  it('leaves a part as it is, of which others may get the whole encoded', async () => {
    const exchange = filtered({ answer: [206, ['Content-Type', 'text/plain', 'Content-Range', 'bytes 0-2/9', 'ETag', '"a"'], 'abc'] });
    const { headers } = exchange.response;
    expect([headers.get('vary'), headers.get('etag'), headers.has('content-encoding')]).to.deep.equal(['Accept-Encoding', '"a"', false]);
    expect(String(await exchange.current().collect(9))).to.equal('abc');
  });

  it('leaves what is small, and tells a client that takes none that others might', () => {
    const bigger = compress({ ...options, encodings: ['gzip'], minSize: 1000 });
    const small = filtered({ answer: [200, ['Content-Type', 'text/plain', 'Content-Length', '999'], 'x'.repeat(999)] }, bigger);
    expect(small.current().headers).to.have.length(4);
    const plain = filtered({ headers: {}, answer: [200, ['Content-Type', 'text/plain'], big] });
    expect(plain.current().headers).to.deep.equal(['Content-Type', 'text/plain', 'Vary', 'Accept-Encoding']);
  });

  it('knows types by their pattern, without parameters and in any case', () => {
    for (const [type, worth] of [
      ['TEXT/HTML; charset=utf-8', true],
      ['application/problem+json', true],
      ['application/json', true],
      ['application/json-seq', false],
      ['application/x/y+json', false],
      ['xtext/html', false],
    ] as const)
      expect(filtered({ answer: [200, ['Content-Type', type], big] }).response.headers.has('content-encoding'), type).to.equal(worth);
  });

  it('says of an answer to HEAD what it would of one to GET', async () => {
    const { response, answer } = filtered({ method: 'HEAD', answer: [200, ['Content-Type', 'text/plain', 'Content-Length', '5000']] });
    expect([response.headers.get('content-encoding'), response.headers.has('content-length')]).to.deep.equal(['gzip', false]);
    expect(await answer?.collect(10)).to.have.length(0);
  });

  it('passes on what comes, of an answer without a known length', async () => {
    for (const encoding of ['gzip', 'br', 'zstd'] as const) {
      const exchange = anExchange({ headers: { 'accept-encoding': encoding } });
      const answer = new UpstreamResponse(200, '', ['Content-Type', 'text/event-stream'], { pause() {}, resume() {}, abort() {} });
      exchange.answer = answer;
      void filter.run(exchange);
      const first = Promise.withResolvers<void>();
      const chunks: Buffer[] = [];
      exchange.current().into({
        data(chunk) {
          chunks.push(chunk);
          first.resolve();
        },
        end() {},
        fail() {},
      });
      answer.receive(Buffer.from('data: 1\n\n'));
      await first.promise;
      answer.complete([]);
    }
  });

  it('comes after all that the user’s filters do', () => expect(filter.order).to.be.greaterThan(0));
});
