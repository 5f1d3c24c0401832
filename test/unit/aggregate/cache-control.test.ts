import { expect } from 'chai';
import { commonCacheControl } from '../../../core/aggregate/cache-control.ts';

describe('what caches may do with an answer of several', () => {
  for (const [fields, expected] of [
    [[undefined, undefined], undefined],
    [['max-age=60', 'max-age=10, public'], 'max-age=10'],
    [['max-age=60', undefined], undefined],
    [['max-age=60', 'no-store'], 'no-store'],
    [['private, max-age=60', 'max-age=90'], 'private, max-age=60'],
    [['private="x-a", max-age=60', 'No-Cache, max-age=5'], 'private, no-cache, max-age=5'],
    [['must-revalidate', undefined], 'must-revalidate'],
    [[], undefined],
  ] as const)
    it(`is ${expected} of ${JSON.stringify(fields)}`, () => expect(commonCacheControl(fields)).to.equal(expected));
});
