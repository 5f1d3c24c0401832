import { expect } from 'chai';
import fc from 'fast-check';
import { jsonOffset, lineAndColumn } from '../../../core/contract/json-position.ts';

describe('places in JSON', () => {
  const text = '{\n  "a": [1, "x, ]}", {"b\\"c": null }],\n  "d": {"e": -1.5e3}\n}';
  const place = (...path: string[]) => {
    const { line, column } = lineAndColumn(text, jsonOffset(text, path));
    return `${line}:${column}`;
  };

  it('are those of names and items', () => {
    expect(place()).to.equal('1:1');
    expect(place('a')).to.equal('2:3');
    expect(place('a', '1')).to.equal('2:12');
    expect(place('a', '2', 'b"c')).to.equal('2:22');
    expect(place('d', 'e')).to.equal('3:9');
  });

  it('are those of the nearest container, where there is no such value', () => {
    expect(place('d', 'nowhere', 'at all')).to.equal('3:3');
    expect(place('a', '7')).to.equal('2:3');
  });

  it('are found in whatever JSON there is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, pretty) => {
        const written = JSON.stringify(value, null, pretty ? 2 : 0);
        const walk = (inner: unknown, path: readonly string[]): void => {
          if (typeof inner !== 'object' || inner === null) return;
          for (const [name, next] of Object.entries(inner)) {
            const offset = jsonOffset(written, [...path, name]);
            const expected = Array.isArray(inner) ? JSON.stringify(next)?.[0] : JSON.stringify(name);
            expect(written.startsWith(String(expected), offset)).to.equal(true);
            walk(next, [...path, name]);
          }
        };
        walk(JSON.parse(written), []);
      }),
    );
  });
});
