import { expect } from 'chai';
import { asked } from './a-contract.ts';

const parameter = (name: string, schema: object | boolean, more: object = {}) => ({ name, in: 'query', schema, ...more });
const faults = (parameters: readonly object[], query: string) =>
  asked(parameters, '/', { query }).map(({ in: place, pointer, detail }) => `${place} ${pointer} ${detail}`);

describe('parameters', () => {
  it('are numbers, booleans and null only as JSON writes them', () => {
    const integer = [parameter('n', { type: 'integer' })];
    for (const text of ['0', '-7', '12', '1e2', '2.0']) expect(faults(integer, `n=${text}`), text).to.deep.equal([]);
    for (const text of ['', '+1', '01', '0x10', '1.5', 'NaN', 'Infinity', '%201', '1_0', 'true'])
      expect(faults(integer, `n=${text}`), text).to.deep.equal(['query n must be integer']);
    const boolean = [parameter('b', { type: 'boolean' })];
    expect(faults(boolean, 'b=true')).to.deep.equal([]);
    for (const text of ['1', 'True', 'yes', '']) expect(faults(boolean, `b=${text}`), text).to.deep.equal(['query b must be boolean']);
    expect(faults([parameter('x', { type: ['integer', 'null'] })], 'x=')).to.deep.equal([]);
  });

  it('have no value that is right where their schema is false', () => {
    expect(faults([parameter('x', false)], 'x=1')).to.deep.equal(['query x must not fit the schema']);
    expect(faults([parameter('x', true), parameter('y', false)], 'x=1')).to.deep.equal([]);
  });

  it('that may be several things are taken for any of them', () => {
    const either = [
      parameter('x', {
        anyOf: [
          { type: 'integer', minimum: 5 },
          { type: 'string', enum: ['1', 'a'] },
        ],
      }),
    ];
    for (const text of ['7', '1', 'a']) expect(faults(either, `x=${text}`), text).to.deep.equal([]);
    expect(faults(either, 'x=2')).not.to.deep.equal([]);
    const listOrText = [
      parameter('x', {
        oneOf: [
          { type: 'array', items: { type: 'integer' } },
          { type: 'string', pattern: '^[a-z]+$' },
        ],
      }),
    ];
    for (const query of ['x=1&x=2', 'x=abc']) expect(faults(listOrText, query), query).to.deep.equal([]);
    expect(faults(listOrText, 'x=a1')).not.to.deep.equal([]);
    expect(faults([parameter('x', { enum: [1, 'a', true] })], 'x=true')).to.deep.equal([]);
  });

  it('with an inner schema: the item and the member are told', () => {
    const list = [parameter('ids', { type: 'array', items: { type: 'integer' } }, { explode: false })];
    expect(faults(list, 'ids=1,2,x')).to.deep.equal(['query ids must be integer (2)']);
    // Many encode the commas between values, too; in text they may be part of one.
    expect(faults(list, 'ids=1%2C2')).to.deep.equal([]);
    expect(faults(list, 'ids=1%2cx')).to.deep.equal(['query ids must be integer (1)']);
    const texts = [parameter('ids', { type: 'array', items: { type: 'string' }, maxItems: 1 }, { explode: false })];
    expect(faults(texts, 'ids=a%2Cb')).to.deep.equal([]);
    const deep = [
      parameter('p', { type: 'object', additionalProperties: false, properties: { min: { type: 'integer' } } }, { style: 'deepObject' }),
    ];
    expect(faults(deep, 'p[min]=1')).to.deep.equal([]);
    expect(faults(deep, 'p=evil')).to.deep.equal(['query p stands there without brackets']);
    const orText = [parameter('p', { anyOf: [{ type: 'object', required: ['a'] }, { enum: [''] }] }, { style: 'deepObject' })];
    for (const query of ['', 'p=', 'p[a]=1', 'p[a][b]=1']) expect(faults(orText, query), query).to.deep.equal([]);
    for (const query of ['p=evil', 'p=&p[a]=1', 'p[b]=1']) expect(faults(orText, query), query).not.to.deep.equal([]);
    expect(faults(deep, 'p[min]=a&p[x]=1')).to.have.members(['query p must be integer (min)', 'query p is not allowed (x)']);
  });

  it('are required, may be empty where that is said, and are in JSON where that is said', () => {
    expect(faults([parameter('x', { type: 'string' }, { required: true })], '')).to.deep.equal(['query x is required']);
    expect(faults([parameter('x', { type: 'integer' }, { allowEmptyValue: true })], 'x=')).to.deep.equal([]);
    const json = { name: 'x', in: 'query', content: { 'application/json': { schema: { type: 'object', required: ['a'] } } } };
    expect(faults([json], `x=${encodeURIComponent('{"a":1}')}`)).to.deep.equal([]);
    expect(faults([json], `x=${encodeURIComponent('{}')}`)).to.deep.equal(['query x is required (a)']);
    expect(faults([json], 'x=a')).to.deep.equal(['query x is no JSON']);
    expect(faults([json], 'x=1&x=2')).to.deep.equal(['query x stands there more than once']);
  });

  it('may be forbidden, or anything', () => {
    const of = (schema: unknown) => [{ name: 'x', in: 'query', schema }];
    expect(faults(of(false), 'x=1')).to.have.length(1);
    expect(faults(of(false), '')).to.deep.equal([]);
    expect(faults(of(true), 'x=1')).to.deep.equal([]);
  });

  it('of path, header and cookie', () => {
    const all = [
      { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
      { name: 'X-Kind', in: 'header', required: true, schema: { type: 'string', enum: ['a', 'b'] } },
      { name: 'Accept', in: 'header', required: true, schema: { type: 'integer' } },
      { name: 'page', in: 'cookie', schema: { type: 'integer' } },
    ];
    const told = (path: string, headers: Record<string, string>) =>
      asked(all, '/{id}', { path, headers }).map(({ in: place, pointer }) => `${place} ${pointer}`);
    expect(told('/7', { 'x-kind': 'a', cookie: 'a=b; page=2' })).to.deep.equal([]);
    expect(told('/x', { cookie: 'page=x' })).to.deep.equal(['path id', 'header X-Kind', 'cookie page']);
    expect(told('/7', { 'x-kind': 'a, b' })).to.deep.equal(['header X-Kind']);
  });

  it('whose members stand alone leave the others theirs', () => {
    const filter = parameter('filter', { type: 'object', additionalProperties: false, properties: { a: { type: 'integer' } } });
    const page = parameter('page', { type: 'integer' });
    expect(faults([filter, page], 'a=1&page=2')).to.deep.equal([]);
    expect(faults([filter, page], 'a=1&b=2')).to.deep.equal(['query filter is not allowed (b)']);
  });
});
