import { expect } from 'chai';
import fc from 'fast-check';
import { accepted } from '../../../../core/filter/builtin/accept-encoding.ts';

describe('which encoding a client takes', () => {
  const offered = ['br', 'zstd', 'gzip'] as const;
  const cases: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined],
    ['', undefined],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip, br', 'br'],
    ['gzip;q=1.0, br;q=0.9', 'gzip'],
    ['gzip ; q=0.5 , br ; q=0.4', 'gzip'],
    ['*', 'br'],
    ['br;q=0, *', 'zstd'],
    ['*;q=0', undefined],
    ['gzip;q=0', undefined],
    ['identity', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0, gzip;q=0.001', 'gzip'],
    ['deflate', undefined],
    ['gzip;q=nonsense', undefined],
    [',,;q=1,gzip', 'gzip'],
    ['gzip;level=9;q=0.3', 'gzip'],
    ['gzip;q=-1', undefined],
  ];
  for (const [field, encoding] of cases)
    it(`is ${encoding ?? 'none'} for ${JSON.stringify(field)}`, () => expect(accepted(field, offered)).to.equal(encoding));

  it('is one that the client named, or let pass, and liked at least as much as any other', () => {
    const quality = fc.integer({ min: 0, max: 1000 }).map((thousandth) => thousandth / 1000);
    const item = fc.tuple(fc.constantFrom('br', 'zstd', 'gzip', 'identity', 'deflate', '*'), quality);
    fc.assert(
      fc.property(fc.uniqueArray(item, { selector: ([name]) => name }), (items) => {
        const chosen = accepted(items.map(([name, q]) => `${name};q=${q}`).join(', '), offered);
        const weights = new Map<string, number>(items);
        const weightOf = (name: string) => weights.get(name) ?? weights.get('*') ?? 0;
        const best = Math.max(...offered.map(weightOf));
        if (chosen === undefined) expect(best === 0 || best < (weights.get('identity') ?? 0)).to.equal(true);
        else expect(weightOf(chosen)).to.equal(best).and.to.be.greaterThan(0);
      }),
    );
  });

  it('is found in any field at all', () => {
    fc.assert(
      fc.property(fc.string(), (field) => {
        expect([...offered, undefined]).to.include(accepted(field, offered));
      }),
    );
  });
});
