import { expect } from 'chai';
import fc from 'fast-check';
import { finish, fnv1a } from '../../../core/balancer/hash.ts';

describe('the hash of balancers', () => {
  it('is FNV-1a', () => {
    // The vectors of draft-eastlake-fnv, appendix C.
    expect(['', 'a', 'foobar'].map((text) => fnv1a(text) >>> 0)).to.deep.equal([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it('goes on where another text ended', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(fnv1a(other, fnv1a(one))).to.equal(fnv1a(one + other));
      }),
    );
  });

  it('is finished as MurmurHash3 is: a changed bit changes many', () => {
    expect([0, 1, 0xffffffff].map(finish)).to.deep.equal([0, 0x514e28b7, 0x81f16f39]);
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 31 }), (state, bit) => {
        const changed = (finish(state) ^ finish(state ^ (1 << bit))) >>> 0;
        expect(changed.toString(2).replaceAll('0', '').length).to.be.within(2, 30);
      }),
    );
  });

  it('is spread evenly over addresses that are nearly the same', () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (let host = 0; host < 160; host += 1) {
      for (let port = 8000; port < 8100; port += 1) {
        const bucket = finish(fnv1a(`10.0.0.${host}:${port}`)) >>> 28;
        buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      }
    }
    for (const count of buckets) expect(count).to.be.closeTo(1000, 150);
  });
});
