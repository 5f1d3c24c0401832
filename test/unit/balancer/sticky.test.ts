import { expect } from 'chai';
import fc from 'fast-check';
import { stickyValue, stuckTo } from '../../../core/balancer/sticky.ts';

const candidates = ['10.0.0.1:8080', '10.0.0.2:8080', '[2001:db8::1]:443'].map((id) => ({ id }));

describe('the sticky cookie', () => {
  it('leads back to the endpoint it names, wherever that stands in the list', () => {
    for (const candidate of candidates) {
      expect(stuckTo(candidates, stickyValue(candidate.id))).to.equal(candidate);
      expect(stuckTo(candidates.toReversed(), stickyValue(candidate.id))).to.equal(candidate);
    }
  });

  it('leads nowhere when that endpoint is gone or the value is not as it was set', () => {
    expect(stuckTo(candidates.slice(1), stickyValue('10.0.0.1:8080'))).to.equal(undefined);
    expect(stuckTo(candidates, `${stickyValue('10.0.0.1:8080')}==`)).to.equal(undefined);
    expect(stuckTo([], stickyValue('10.0.0.1:8080'))).to.equal(undefined);
  });

  it('is the same in every process', () => {
    expect(candidates.map(({ id }) => stickyValue(id))).to.deep.equal(['u8dRsw', 'q9xfxw', '4d8bzw']);
  });

  it('is six letters that a cookie may have, and tells no address', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
        expect(stickyValue(`${host}:${port}`)).to.match(/^[A-Za-z0-9_-]{6}$/);
      }),
    );
  });

  it('a thousand endpoints have a thousand names', () => {
    const names = new Set(Array.from({ length: 1000 }, (_, index) => stickyValue(`10.0.${index >> 8}.${index & 255}:8080`)));
    expect(names.size).to.equal(1000);
  });

  it('whatever a client sends is one of the candidates or nobody', () => {
    const sent = fc.oneof(fc.string(), fc.string({ minLength: 6, maxLength: 6 }), fc.constantFrom('__proto__', '      ', '\u{1F36A}'));
    fc.assert(
      fc.property(sent, (value) => {
        const found = stuckTo(candidates, value);
        if (found) expect(stickyValue(found.id).slice(0, 5)).to.equal(value.slice(0, 5));
      }),
    );
  });
});
