import { expect } from 'chai';
import fc from 'fast-check';
import { didYouMean, editDistance, nearest } from '../../../core/config/nearest.ts';

describe('the nearest word', () => {
  it('counts letters added, left out, replaced and swapped', () => {
    expect([
      editDistance('timout', 'timeout'),
      editDistance('abc', 'abd'),
      editDistance('serivce', 'service'),
      editDistance('', 'abc'),
    ]).to.deep.equal([1, 1, 1, 3]);
  });

  it('is a distance', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 12 }),
        fc.string({ maxLength: 12 }),
        (a, b) => editDistance(a, b) === editDistance(b, a) && (editDistance(a, b) === 0) === (a === b),
      ),
    );
  });

  it('finds the slip, and other spellings', () => {
    const keys = ['pathPrefix', 'path', 'methods', 'queryParams'];
    expect(['pathprefix', 'path_prefix', 'pth', 'method', 'query-params'].map((word) => nearest(word, keys))).to.deep.equal([
      'pathPrefix',
      'pathPrefix',
      'path',
      'methods',
      'queryParams',
    ]);
  });

  it('finds nothing where nothing is near', () => {
    expect(nearest('cookies', ['path', 'methods'])).to.equal(undefined);
    expect(didYouMean('path', ['path'])).to.equal(undefined);
  });
});
