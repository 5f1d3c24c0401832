import { expect } from 'chai';
import { cachingOf, commonCacheControl, leastFresh } from '../../../core/aggregate/cache-control.ts';

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
      expect(commonOf(fields.map((cacheControl) => (cacheControl === undefined ? [] : ['Cache-Control', cacheControl])))).to.equal(
        expected,
      ));

  it("counts what a part is old already, and that it is one person's", () => {
    const [old, young] = [
      ['Cache-Control', 'max-age=600', 'Age', '599'],
      ['Cache-Control', 'max-age=60'],
    ];
    expect(commonOf([old, young])).to.equal('max-age=1');
    expect(commonOf([['Cache-Control', 'max-age=5', 'Age', '9']], true)).to.equal('private, max-age=0');
  });

  it('makes nothing fresh that is not, where others do not say', () => {
    expect(commonOf([['Cache-Control', 'max-age=0'], []])).to.equal('max-age=0');
    expect(commonOf([['Expires', '0'], []])).to.equal('max-age=0');
  });

  it('counts Expires, and what is said to some caches alone', () => {
    const now = Date.UTC(2026, 0, 1);
    const until = (seconds: number) => ['Expires', new Date(now + seconds * 1000).toUTCString(), 'Age', '10'];
    expect(commonOf([until(60), ['Cache-Control', 'max-age=600']], false, now)).to.equal('max-age=50');
    expect(commonOf([['Cache-Control', 'max-age=600', 'CDN-Cache-Control', 'max-age=5']])).to.equal('max-age=5');
    expect(commonOf([['Cache-Control', 'max-age=5', 'CDN-Cache-Control', 'max-age=600']])).to.equal('max-age=5');
    expect(commonOf([['Cache-Control', 'max-age=600', 'CDN-Cache-Control', 'no-store'], []])).to.equal('no-store');
  });

  it('is private where a part sets a cookie', () => {
    expect(commonOf([['Cache-Control', 'public, max-age=600', 'Set-Cookie', 'a=b']])).to.equal('private, max-age=600');
  });

  it('knows how long the parts that say so are fresh', () => {
    const of = (...values: string[]) => leastFresh(values.map((value) => cachingOf(value === '' ? [] : ['Cache-Control', value], 0)));
    expect([of('', 'max-age=5', 's-maxage=9'), of('', ''), of()]).to.deep.equal([5, undefined, undefined]);
  });

  function commonOf(parts: readonly string[][], personal = false, now = 0): string | undefined {
    return commonCacheControl(
      parts.map((fields) => cachingOf(fields, now)),
      personal,
    );
  }
});
