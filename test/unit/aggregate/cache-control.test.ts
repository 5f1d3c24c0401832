import { expect } from 'chai';
import { commonCacheControl } from '../../../core/aggregate/cache-control.ts';

describe('what caches may do with an answer of several', () => {
  for (const [fields, expected] of [
    [[undefined, undefined], undefined],
    [['max-age=600', 's-maxage=0'], 'max-age=0'],
    [['max-age=600, max-age=30', 'max-age=600'], 'max-age=30'],
    [['max-age=x', 'max-age=600'], 'max-age=0'],
    [['max-age=600', 'max-age=600, must-revalidate'], 'private, must-revalidate, max-age=600'],
    [['must-revalidate', 'must-revalidate, max-age=1'], 'must-revalidate'],
    [['public, max-age=5'], 'max-age=5'],
    [['max-age=60', 'max-age=10, public'], 'max-age=10'],
    [['max-age=60', undefined], undefined],
    [['max-age=60', 'no-store'], 'no-store'],
    [['private, max-age=60', 'max-age=90'], 'private, max-age=60'],
    [['private="x-a", max-age=60', 'No-Cache, max-age=5'], 'private, no-cache, max-age=5'],
    [['must-revalidate', undefined], 'private, must-revalidate'],
    [[], undefined],
  ] as const)
    it(`is ${expected} of ${JSON.stringify(fields)}`, () =>
      expect(
        commonCacheControl(
          fields.map((cacheControl) => ({ cacheControl, age: 0 })),
          false,
        ),
      ).to.equal(expected));

  it("counts what a part is old already, and that it is one person's", () => {
    expect(
      commonCacheControl(
        [
          { cacheControl: 'max-age=600', age: 599 },
          { cacheControl: 'max-age=60', age: 0 },
        ],
        false,
      ),
    ).to.equal('max-age=1');
    expect(commonCacheControl([{ cacheControl: 'max-age=5', age: 9 }], true)).to.equal('private, max-age=0');
  });
});
