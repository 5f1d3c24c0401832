import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { bodyFaults, mediaOf, parameterFaults } from '../../../core/contract/checking.ts';
import type { Operation } from '../../../core/contract/operation.ts';
import { aContract } from './a-contract.ts';

const schema = {
  type: 'object',
  required: ['a'],
  properties: { a: { type: 'integer' }, list: { type: 'array', items: { $ref: '#/components/schemas/Item' } }, deep: { type: 'object' } },
};
const content = {
  'application/json': { schema },
  'application/x-www-form-urlencoded': { schema },
  'multipart/form-data': { schema },
  'text/*': { schema: { type: 'string' } },
};
const parameters = (['query', 'header', 'cookie'] as const).flatMap((place) => [
  { name: 'n', in: place, schema: { type: 'integer' } },
  { name: 'list', in: place, explode: false, schema: { type: 'array', items: { type: 'boolean' } } },
  { name: 'object', in: place, schema: { type: 'object', properties: { x: { type: 'number' } } } },
]);
const contract = aContract({
  paths: {
    '/{id}': {
      post: {
        parameters: [{ name: 'id', in: 'path', required: true, schema: {} }, ...parameters],
        requestBody: { content },
        responses: {},
      },
    },
  },
  components: {
    schemas: {
      Item: { anyOf: [{ type: 'string', pattern: '^(a+)+$' }, { $ref: '#/components/schemas/Pair' }] },
      Pair: { type: 'array', items: { $ref: '#/components/schemas/Item' } },
    },
  },
});
const found = contract.find('POST', '/1');
if (!found) throw new Error('no operation');
const judge = (body: Buffer, type: string, encoding?: string, limit = 10_000) => {
  const media = mediaOf(found.operation.body?.content ?? new Map(), type);
  return media && bodyFaults(contract.requests, media, body, { type, encoding, limit });
};

describe('checking bodies and parameters', () => {
  const anyBody = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    fc.json().map((text) => Buffer.from(text)),
    fc.string({ maxLength: 100 }).map((text) => Buffer.from(`--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--b--`)),
    fc
      .array(fc.tuple(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 })))
      .map((pairs) => Buffer.from(pairs.map((pair) => pair.join('=')).join('&'))),
  );
  const types = [
    'application/json',
    'application/json; charset=utf-16',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'text/plain; charset=nothing',
  ];

  it('has an answer to whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBody,
        fc.constantFrom(...types),
        fc.constantFrom(undefined, 'gzip', 'identity', 'br, gzip'),
        async (body, type, encoding) => {
          expect(await judge(body, type, encoding)).to.be.an('array');
        },
      ),
      { numRuns: 500 },
    );
    const text = fc.string({ maxLength: 30 });
    fc.assert(
      fc.property(text, text, text, (query, cookie, value) => {
        const header = (name: string) => (name === 'cookie' ? cookie : value);
        expect(parameterFaults(contract, found, { query, header })).to.be.an('array');
      }),
      { numRuns: 500 },
    );
  });

  it('looks into what is compressed, up to its limit', async () => {
    const good = gzipSync('{"a":1}');
    expect(await judge(good, 'application/json', 'gzip')).to.deep.equal([]);
    expect(await judge(gzipSync(good), 'application/json', 'gzip, gzip')).to.deep.equal([]);
    expect(await judge(gzipSync(`{"a":"${'x'.repeat(1_000_000)}"}`), 'application/json', 'gzip')).to.equal(undefined);
    expect((await judge(good.subarray(0, 12), 'application/json', 'gzip'))?.[0]?.detail).to.equal('is not encoded as gzip');
  });

  it('nothing stands behind the end of what is compressed', async () => {
    const encodings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync };
    for (const [encoding, compress] of Object.entries(encodings)) {
      for (const text of ['{"a":1}', `{"a":1,"deep":{"x":"${'x'.repeat(300_000)}"}}`]) {
        const body = compress(text);
        expect(await judge(body, 'application/json', encoding, 1_000_000), encoding).to.deep.equal([]);
        const told = await judge(Buffer.concat([body, Buffer.from('{"a":"x"}')]), 'application/json', encoding, 1_000_000);
        expect(told?.[0]?.detail, encoding).to.equal(`is not encoded as ${encoding}`);
      }
    }
  });

  it('takes the most exact of the media types', () => {
    const types = new Map([
      ['*/*', 'any'],
      ['text/*', 'text'],
      ['text/plain', 'plain'],
    ]) as never;
    expect(['Text/Plain; charset=utf-8', 'text/html', 'image/png'].map((type) => mediaOf(types, type) as unknown)).to.deep.equal([
      'plain',
      'text',
      'any',
    ]);
    expect(mediaOf(found.operation.body?.content ?? new Map(), 'application/xml')).to.equal(undefined);
  });

  it('takes ranges of a suffix, and the type whose parameters fit', () => {
    const { body } = aContract({
      paths: {
        '/': {
          post: {
            requestBody: {
              content: Object.fromEntries(
                ['application/*+json', 'Application/JSON; version=1', 'application/json; version=2', 'text/csv; header=present'].map(
                  (type) => [type, { schema: { title: type } }],
                ),
              ),
            },
            responses: {},
          },
        },
      },
    }).operations[0] as Operation;
    const content = body?.content ?? new Map();
    const keyOf = (type: string) => [...content].find(([, media]) => media === mediaOf(content, type))?.[0];
    expect(content).to.have.keys(
      'application/*+json',
      'application/json; version=1',
      'application/json; version=2',
      'text/csv; header=present',
    );
    expect(keyOf('application/problem+json; charset=utf-8')).to.equal('application/*+json');
    expect(keyOf('application/json;version=2; charset=utf-8')).to.equal('application/json; version=2');
    expect(keyOf('APPLICATION/json; version="1"')).to.equal('application/json; version=1');
    expect(keyOf('text/csv'), 'one with other parameters is better than none').to.equal('text/csv; header=present');
    for (const type of ['application/xml', 'application/problem+xml', 'text/problem+json']) expect(keyOf(type), type).to.equal(undefined);
  });
});
