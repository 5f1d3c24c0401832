import { expect } from 'chai';
import fc from 'fast-check';
import { parseStrictObject } from '../../../public-gateway/strict-json.ts';

const parse = (text: string) => parseStrictObject(text, 16);

describe('parseStrictObject', () => {
  it('reads what JSON.parse reads, of any object', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 6 }));
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parse(text)).to.deep.equal(JSON.parse(text));
      }),
    );
  });

  it('refuses any object with a member written twice', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1 });
    fc.assert(
      fc.property(object, fc.nat(), (value, pick) => {
        const names = Object.keys(value);
        const text = `${JSON.stringify(value).slice(0, -1)},${JSON.stringify(names[pick % names.length])}:0}`;
        expect(() => parse(text)).to.throw('twice');
        expect(() => parse(`{"deeper":[{"x":1},${text}]}`)).to.throw('twice');
      }),
    );
  });

  it('sees through escapes, and is not misled by quotes, colons and brackets inside strings', () => {
    expect(() => parse('{"ab":1,"\\u0061b":2}')).to.throw('twice');
    expect(() => parse('{"a\\"":1,"a\\"":2}')).to.throw('twice');
    expect(parse('{"a":"\\":{[","b":"\\\\","c":["a:","b","a:"]}')).to.deep.equal({ a: '":{[', b: '\\', c: ['a:', 'b', 'a:'] });
  });

  it('keeps __proto__ an ordinary member', () => {
    const value = parse('{"__proto__":{"admin":true}}');
    expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
    expect(() => parse('{"__proto__":1,"__proto__":2}')).to.throw('twice');
  });

  it('bounds nesting', () => {
    const deep = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    expect(parse(deep(15))).to.have.property('a');
    expect(() => parse(deep(16))).to.throw('deeper');
    expect(() => parse(deep(200_000))).to.throw('deeper');
  });

  it('takes nothing but an object', () => {
    for (const text of ['', '1', 'null', '"a"', '[]', '{', '{"a":1}x', '{a:1}', "{'a':1}", '{"a":1,}', '{"a":NaN}'])
      expect(() => parse(text), text).to.throw(SyntaxError);
  });
});
