import { expect } from 'chai';
import fc from 'fast-check';
import { linear, reasonAgainst } from '../../../core/contract/pattern.ts';

describe('patterns of contracts', () => {
  const sources = [
    '^[a-z]+$',
    'b',
    '^\\d{2,4}$',
    '^[^\\s@]+@[^\\s@]+$',
    '\\s',
    '^\\S*$',
    '[\\w-.]',
    '^(?:a|b)*c?$',
    '\\u00e9',
    '^$',
    '(?<year>\\d{4})',
  ];

  it('match as ECMAScript has them', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '@', ' ', '\u00a0', 'é', '-'), maxLength: 6 }),
    );
    for (const source of sources) {
      expect(reasonAgainst(source), source).to.equal(undefined);
      const expression = new RegExp(source);
      fc.assert(
        fc.property(
          text,
          (given) => expect(linear(source).test(given), `${source} ${JSON.stringify(given)}`).to.equal(expression.test(given)) && undefined,
        ),
      );
    }
  });

  it('take time that grows with the text, whatever they are', () => {
    for (const source of ['^(a+)+$', '^(a|a)*$', '^(.*a){20}$', '\\s+$', '^(([a-z])+.)+[A-Z]([a-z])+$'])
      expect(linear(source).test(`${'a'.repeat(50_000)}${' '.repeat(1_000)}!`), source).to.equal(false);
  });

  it('are refused where that cannot be, or they are none', () => {
    for (const source of ['(?=a)b', '(?<!a)b', '(a)\\1', '^a{1,2000}$']) expect(reasonAgainst(source), source).to.contain('linear time');
    for (const source of ['[', '(', 'a**']) expect(reasonAgainst(source), source).to.equal('is no regular expression');
    expect(() => linear('(?=a)')).to.throw('linear time');
  });
});
