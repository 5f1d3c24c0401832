import { expect } from 'chai';
import fc from 'fast-check';
import { canonical, fragment, parseJson } from '../../../core/contract/json.ts';
import { judged } from './a-contract.ts';

describe('JSON of contracts', () => {
  it('is what JSON.parse makes of it, where nothing is named twice', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        expect(parseJson(text)).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it('is refused where a member is named twice, however it is spelt', () => {
    for (const text of ['{"a":1,"a":1}', '[{"b":{"a":1,"\\u0061":2}}]', '{"__proto__":1,"__proto__":2}', '{"a\\"":1,"a\\"":2}'])
      expect(() => parseJson(text), text).to.throw(SyntaxError, 'named twice');
    for (const text of ['{"a":"b:c","b":":"}', '{"a":{"a":1},"b":[{"a":1},{"a":1}]}', '{"{":1,"[":"}"}'])
      expect(() => parseJson(text), text).not.to.throw();
  });

  it('is refused where it is nested too deeply', () => {
    expect(() => parseJson('['.repeat(201) + ']'.repeat(201))).to.throw(SyntaxError, 'deeper');
    expect(() => parseJson('['.repeat(100_000) + ']'.repeat(100_000))).to.throw(SyntaxError);
    expect(() => parseJson('['.repeat(200) + ']'.repeat(200))).not.to.throw();
  });

  it('tells 64-bit integers from what is just beyond', () => {
    const judge = (text: string) => judged({ type: 'integer', format: 'int64' }, parseJson(text));
    for (const text of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0'])
      expect(judge(text), text).to.deep.equal([]);
    for (const text of ['9223372036854775808', '-9223372036854775809', '1e30', '0.5']) expect(judge(text), text).to.have.length.above(0);
    expect(parseJson('["9223372036854775808",1000000000000000000000]')).to.deep.equal(['9223372036854775808', 1e21]);
  });

  it('has one canonical text for equal values, and another for others', () => {
    expect(canonical({ b: [1, { d: null, c: 'x' }], a: true })).to.equal(canonical({ a: true, b: [1, { c: 'x', d: null }] }));
    expect(canonical(1)).not.to.equal(canonical('1'));
    fc.assert(
      fc.property(fc.jsonValue(), (value) => expect(canonical(JSON.parse(canonical(value)))).to.equal(canonical(value)) && undefined),
    );
  });

  it('has pointers as fragments (RFC 6901 section 6)', () => {
    const examples: [string[], string][] = [
      [[], '#'],
      [['foo', '0'], '#/foo/0'],
      [[''], '#/'],
      [['a/b'], '#/a~1b'],
      [['c%d'], '#/c%25d'],
      [['e^f'], '#/e%5Ef'],
      [['g|h'], '#/g%7Ch'],
      [['i\\j'], '#/i%5Cj'],
      [['k"l'], '#/k%22l'],
      [[' '], '#/%20'],
      [['m~n'], '#/m~0n'],
    ];
    for (const [path, text] of examples) expect(fragment(path)).to.equal(text);
  });
});
