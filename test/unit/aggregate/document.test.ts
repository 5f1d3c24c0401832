import { expect } from 'chai';
import fc from 'fast-check';
import { merged, type Piece, underNames } from '../../../core/aggregate/document.ts';
import { Problem } from '../../../core/problem.ts';

const piece = (name: string, text: string | undefined, problem?: Problem): Piece => ({ name, text, problem });

describe('the document that parts make', () => {
  it('has each under its name, as it was written', () => {
    const text = '{"id": 9007199254740993, "price":1.10, "a":1,"a":2}';
    expect(underNames([piece('user', text), piece('orders', '[]')])).to.equal(`{"user":${text},"orders":[]}`);
  });

  it('says which failed, beside those that did not', () => {
    const document = underNames([
      piece('user', '1'),
      piece('orders', '[]', new Problem('circuit-open')),
      piece('news', undefined, new Problem('no-endpoint')),
    ]);
    expect(JSON.parse(document)).to.deep.equal({
      user: 1,
      orders: [],
      _failures: {
        orders: { code: 'circuit-open', title: 'The circuit breaker of the service is open' },
        news: { code: 'no-endpoint', title: 'No endpoint of the service is available' },
      },
    });
  });

  it('merges fields, the later part before the earlier, and rounds no number', () => {
    const document = merged([piece('a', '{"id":9007199254740993,"x":1.50,"y":{"z":1e400}}'), piece('b', '{"x":2}')]);
    expect(document).to.equal('{"id":9007199254740993,"x":2,"y":{"z":1e400}}');
    expect(merged([piece('a', '{"__proto__":{"admin":true}}'), piece('b', undefined, new Problem('circuit-open'))])).to.match(
      /^\{"__proto__":\{"admin":true\},"_failures":/,
    );
  });

  it('merges whatever JSON objects there are', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(objects, (values) => {
        const document = merged(values.map((value, at) => piece(`p${at}`, JSON.stringify(value))));
        // By entries, for `__proto__` is a name as any other.
        const all = Object.fromEntries(values.flatMap((value) => Object.entries(value)));
        const entries = (text: string) => Object.entries(JSON.parse(text)).sort(([a], [b]) => (a < b ? -1 : 1));
        expect(entries(document)).to.deep.equal(entries(JSON.stringify(all)));
      }),
    );
  });
});
