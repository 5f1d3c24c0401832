import { expect } from 'chai';
import fc from 'fast-check';
import { changeOf, isShallow, type JsonObject, withChange } from '../../../core/admin/state-change.ts';

/** The page's own, which is no TypeScript. */
const { withChange: pageWithChange } = await import(String(new URL('../../../core/admin/page/model.js', import.meta.url)));

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 3 }));
const state = fc.letrec<{ node: JsonObject }>((tie) => ({
  node: fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'constructor'), fc.string()), fc.oneof(leaf, tie('node')), {
    maxKeys: 5,
    depthIdentifier: 'state',
  }) as fc.Arbitrary<JsonObject>,
})).node;

describe('the change between two states', () => {
  it('makes the one out of the other, on both ends of the wire, whatever things are called', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const wire = JSON.parse(JSON.stringify(changeOf(before, after) ?? {}));
        const wanted = JSON.stringify(sorted(after));
        expect(JSON.stringify(sorted(withChange(before, wire)))).to.equal(wanted);
        expect(JSON.stringify(sorted(pageWithChange(before, wire)))).to.equal(wanted);
      }),
    );
  });

  it('is nothing where nothing changed, and tells no more than what did', () => {
    const before = { at: 1, routes: { a: { rate: 1, match: '/a' }, b: { rate: 1 } }, list: [1, 2] };
    expect(changeOf(before, structuredClone(before))).to.equal(undefined);
    expect(changeOf(before, { at: 2, routes: { a: { rate: 2, match: '/a' } }, list: [1] })).to.deep.equal({
      at: 2,
      routes: { a: { rate: 2 }, b: null },
      list: [1],
    });
  });

  it('takes away what is undefined, and tells nothing of what was', () => {
    expect(changeOf({ forced: 'open' }, { forced: undefined })).to.deep.equal({ forced: null });
    expect(changeOf({ forced: undefined }, { forced: undefined })).to.equal(undefined);
    expect(changeOf({ forced: undefined }, { forced: 'open' })).to.deep.equal({ forced: 'open' });
  });
});

it('what is nested too deep is found without going all the way', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = { deep };
  expect(isShallow(deep, 8)).to.equal(false);
  expect(isShallow({ a: { b: [1] } }, 3)).to.equal(true);
  expect(isShallow({ a: { b: [1] } }, 2)).to.equal(false);
});

/** With names in one order. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}
