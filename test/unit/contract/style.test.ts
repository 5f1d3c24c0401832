import { expect } from 'chai';
import fc from 'fast-check';
import { type Kind, pairsOf, readHeader, readPairs, readPath, type Style, Unreadable } from '../../../core/contract/style.ts';

const list = ['blue', 'black', 'brown'];
const object = { R: '100', G: '200', B: '150' };

/** The table of OpenAPI 3.1.1, section 4.8.12.5, read backwards: `color` as text, list and object. */
const table: [Style, boolean, string, string, string][] = [
  ['matrix', false, ';color=blue', ';color=blue,black,brown', ';color=R,100,G,200,B,150'],
  ['matrix', true, ';color=blue', ';color=blue;color=black;color=brown', ';R=100;G=200;B=150'],
  ['label', false, '.blue', '.blue,black,brown', '.R,100,G,200,B,150'],
  ['label', true, '.blue', '.blue.black.brown', '.R=100.G=200.B=150'],
  ['simple', false, 'blue', 'blue,black,brown', 'R,100,G,200,B,150'],
  ['simple', true, 'blue', 'blue,black,brown', 'R=100,G=200,B=150'],
];

/** In a query. */
const queries: [Style, boolean, Kind, string, unknown][] = [
  ['form', false, 'text', 'color=blue', 'blue'],
  ['form', false, 'list', 'color=blue,black,brown', list],
  ['form', true, 'list', 'color=blue&color=black&color=brown', list],
  ['form', false, 'object', 'color=R,100,G,200,B,150', object],
  ['form', true, 'object', 'R=100&G=200&B=150', object],
  ['spaceDelimited', false, 'list', 'color=blue%20black%20brown', list],
  ['spaceDelimited', false, 'list', 'color=blue+black+brown', list],
  ['spaceDelimited', false, 'object', 'color=R%20100%20G%20200%20B%20150', object],
  ['pipeDelimited', false, 'list', 'color=blue%7Cblack%7Cbrown', list],
  ['pipeDelimited', false, 'list', 'color=blue|black|brown', list],
  ['pipeDelimited', false, 'object', 'color=R%7C100%7CG%7C200%7CB%7C150', object],
  ['deepObject', true, 'object', 'color%5BR%5D=100&color%5BG%5D=200&color[B]=150', object],
];

describe('styles of parameters', () => {
  for (const [style, explode, text, texts, members] of table)
    it(`${style}${explode ? ', exploded' : ''} in a path`, () => {
      const writing = { name: 'color', style, explode };
      expect(readPath(text, 'text', writing)).to.equal('blue');
      expect(readPath(texts, 'list', writing)).to.deep.equal(list);
      expect(readPath(members, 'object', writing)).to.deep.equal(object);
    });

  for (const [style, explode, kind, query, value] of queries)
    it(`${style}${explode ? ', exploded' : ''}: ${query}`, () => {
      expect(readPairs(pairsOf(`${query}&x=1`), kind, { name: 'color', style, explode }, new Set(['color', 'x']))).to.deep.equal(value);
    });

  it('label as OpenAPI 3.0 had it in its first editions', () => {
    expect(readPath('.blue.black.brown', 'list', { name: 'color', style: 'label', explode: false })).to.deep.equal(list);
  });

  it('fields of a header, with spaces around commas', () => {
    const writing = { name: 'color', style: 'simple', explode: false } as const;
    expect(readHeader('blue, black ,brown', 'list', writing)).to.deep.equal(list);
    expect(readHeader('blue, black', 'text', writing)).to.equal('blue, black');
    expect(readHeader('R=100, G=200', 'object', { ...writing, explode: true })).to.deep.equal({ R: '100', G: '200' });
  });

  it('a separator that is encoded is part of a value', () => {
    expect(readPath('a%2Cb,c', 'list', { name: 'x', style: 'simple', explode: false })).to.deep.equal(['a,b', 'c']);
    expect(readPairs(pairsOf('x=a%2Cb,c'), 'list', { name: 'x', style: 'form', explode: false }, new Set())).to.deep.equal(['a,b', 'c']);
  });

  it('what is not there is not there; what stands there twice, or is no escape, cannot be read', () => {
    const form = { name: 'x', style: 'form', explode: true } as const;
    const read = (query: string, kind: Kind = 'text') => readPairs(pairsOf(query), kind, form, new Set());
    expect(read('y=1')).to.equal(undefined);
    expect(read('x')).to.equal('');
    expect(read('x=a+b%2B')).to.equal('a b+');
    expect(() => read('x=1&x=2')).to.throw(Unreadable, 'more than once');
    expect(() => read('x=%')).to.throw(Unreadable);
    expect(() => read('x=%ff')).to.throw(Unreadable);
    expect(() => readPath('a,b,c', 'object', { ...form, style: 'simple', explode: false })).to.throw(Unreadable, 'without a value');
    expect(() => readPath('blue', 'text', { ...form, style: 'label' })).to.throw(Unreadable, 'begin');
  });

  it('what one writes the other reads', () => {
    const text = fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }).filter((one) => one.isWellFormed());
    const writing = (style: Style, explode: boolean) => ({ name: 'x', style, explode });
    const encode = (one: string) => encodeURIComponent(one).replaceAll('.', '%2E');
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), fc.boolean(), (values, explode) => {
        const encoded = values.map(encode);
        const pairs = (query: string, style: Style) =>
          readPairs(pairsOf(query), 'list', writing(style, explode && style === 'form'), new Set());
        expect(readPath(encoded.join(','), 'list', writing('simple', explode))).to.deep.equal(values);
        expect(readPath(`.${encoded.join(explode ? '.' : ',')}`, 'list', writing('label', explode))).to.deep.equal(values);
        expect(
          readPath(explode ? encoded.map((one) => `;x=${one}`).join('') : `;x=${encoded.join(',')}`, 'list', writing('matrix', explode)),
        ).to.deep.equal(values);
        expect(pairs(explode ? encoded.map((one) => `x=${one}`).join('&') : `x=${encoded.join(',')}`, 'form')).to.deep.equal(values);
        const object = Object.fromEntries(values.map((value, at) => [`${at}${value}`, value]));
        const members = Object.entries(object).map(([name, value]) => [encode(name), encode(value)] as const);
        expect(
          readPath(members.map(([name, value]) => `${name}${explode ? '=' : ','}${value}`).join(','), 'object', writing('simple', explode)),
        ).to.deep.equal(object);
        // Brackets are told apart from those around them by nobody.
        const bare = Object.fromEntries(Object.entries(object).map(([name, value]) => [name.replace(/[[\]]/g, '-'), value]));
        const deep = Object.entries(bare).map(([name, value]) => `x%5B${encode(name)}%5D=${encode(value)}`);
        expect(readPairs(pairsOf(deep.join('&')), 'object', writing('deepObject', true), new Set())).to.deep.equal(bare);
      }),
      { examples: [[[' ', '] '], false]] },
    );
  });

  it('a name with brackets in it is no name in brackets, however they are encoded', () => {
    for (const query of ['x%5B1%5D%20%5D=a', 'x[1]%20]=a', 'x%5B%5B1%5D=a', 'x[1%5B]=a'])
      expect(() => readPairs(pairsOf(query), 'object', { name: 'x', style: 'deepObject', explode: true }, new Set()), query).to.throw(
        Unreadable,
        'no pairs',
      );
  });

  it('long texts are read in linear time', () => {
    const name = { name: 'f', style: 'deepObject', explode: true } as const;
    const pairs = Array.from({ length: 500_000 }, () => ['f[a]', '1'] as const);
    expect((readPairs(pairs, 'object', name, new Set()) as { a: string[] }).a).to.have.length(500_000);
    const spaces = ' '.repeat(1_000_000);
    expect(readHeader(`a${spaces}b${spaces},c`, 'list', { name: 'x', style: 'simple', explode: false })).to.deep.equal([
      `a${spaces}b`,
      'c',
    ]);
  });

  it('members of members have brackets of their own', () => {
    const read = (query: string) => readPairs(pairsOf(query), 'object', { name: 'f', style: 'deepObject', explode: true }, new Set());
    expect(read('f[a][b]=1&f[a][c]=2&f[d]=3&f[d]=4')).to.deep.equal({ a: { b: '1', c: '2' }, d: ['3', '4'] });
    for (const query of ['f=1', 'f=1&f[a]=1', 'f[a=1', 'f[a]b]=1', 'f[a]=1&f[a][b]=1', 'f[a][b]=1&f[a]=1', `f${'[a]'.repeat(11)}=1`])
      expect(() => read(query), query).to.throw(Unreadable);
  });

  it('no name is special', () => {
    const written = readPairs(
      pairsOf('x[__proto__]=1&x[constructor]=2'),
      'object',
      { name: 'x', style: 'deepObject', explode: true },
      new Set(),
    );
    expect(Object.keys(written as object)).to.deep.equal(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(written)).to.equal(Object.prototype);
  });
});
