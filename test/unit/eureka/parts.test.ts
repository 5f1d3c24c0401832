import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { compressed, joined, type Part, sizeOf } from '../../../core/eureka/parts.ts';

describe('a text in parts', () => {
  it('is the same whole, and compressed in pieces, however large the parts are', async () => {
    const part = fc.tuple(fc.boolean(), fc.oneof(fc.nat(40), fc.nat(400_000)), fc.integer({ min: 32, max: 126 }));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (given) => {
        const parts = given.map(([text, size, code]): Part => (text ? String.fromCharCode(code).repeat(size) : Buffer.alloc(size, code)));
        const whole = Buffer.concat(parts.map((one) => Buffer.from(one)));
        expect(joined(parts).equals(whole)).to.equal(true);
        expect(sizeOf(parts)).to.equal(whole.length);
        expect(gunzipSync(await compressed(parts)).equals(whole)).to.equal(true);
      }),
      { numRuns: 30 },
    );
  });
});
