import { expect } from 'chai';
import fc from 'fast-check';
import { membersOf, scalarAt } from '../../../core/aggregate/json-text.ts';

/** JSON text with space wherever it may stand. */
const spaced = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replaceAll('\n', '\r\n\t').replace(/^/, ' ').replace(/$/, '\n');

describe('JSON text', () => {
  it('is cut into the members that parsing finds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const members = membersOf(spaced(value)) ?? expect.fail('an object');
        const read = members.map(([name, text]) => [name, JSON.parse(text)]);
        expect(read).to.deep.equal(Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('of anything else has none', () => {
    for (const text of ['[1]', '"{}"', '1', 'null', ' true ']) expect(membersOf(text)).to.equal(undefined);
    expect(membersOf(' { } ')).to.deep.equal([]);
  });

  it('is followed to the scalars that parsing finds', () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean());
    const path = fc.array(fc.oneof(fc.stringMatching(/^[a-z"\\]{1,3}$/), fc.nat(3)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(path, scalar, fc.jsonValue(), (fields, value, other) => {
        const nested = fields.reduceRight<unknown>(
          (inner, field) =>
            typeof field === 'number'
              ? [...Array.from({ length: field }, () => other), inner, other]
              : { first: other, [field]: inner, z9: other },
          value,
        );
        expect(scalarAt(spaced(nested), fields.map(String))).to.equal(String(value));
      }),
    );
  });

  it('keeps numbers as they are written, and takes the last of two members', () => {
    expect(scalarAt('{"id":1234567890123456789,"id":12345678901234567890.10}', ['id'])).to.equal('12345678901234567890.10');
    expect(scalarAt('{"a":null,"b":{},"c":[1]}', ['a'])).to.equal(undefined);
    expect(scalarAt('{"a":null,"b":{},"c":[1]}', ['b'])).to.equal(undefined);
    expect(scalarAt('{"a":null,"b":{},"c":[1]}', ['c', '1'])).to.equal(undefined);
    expect(scalarAt('{"a":"text"}', ['a', 'length'])).to.equal(undefined);
    expect(scalarAt('{}', ['constructor'])).to.equal(undefined);
  });

  it('may be as deep as it likes', () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`;
    expect(membersOf(deep)?.map(([name]) => name)).to.deep.equal(['a', 'b']);
    expect(scalarAt(deep, ['b'])).to.equal('1');
  });
});
