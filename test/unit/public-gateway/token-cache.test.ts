import { expect } from 'chai';
import type { Verified } from '../../../public-gateway/access-token.ts';
import { userOf } from '../../../public-gateway/claims.ts';
import type { SigningKey } from '../../../public-gateway/signing-key.ts';
import { tokenCache } from '../../../public-gateway/token-cache.ts';
import { newKey } from '../../conformance/access-tokens/support/issuer.ts';
import { testClock } from '../../support/clock.ts';

const { publicKey } = newKey('ES256');

function setUp(limits: { maxTokens?: number; maxBytes?: number } = {}) {
  const clock = testClock();
  const key: SigningKey = { key: publicKey, kid: 'k', algorithm: undefined, live: true };
  const keys = { find: async () => key, trusts: ({ live }: SigningKey) => live };
  const verified = (sub = 'user-1', lifetime = 60_000): Verified => ({ user: userOf({ sub }), key, expiresAt: clock.epoch() + lifetime });
  return { clock, key, verified, cache: tokenCache({ keys, clock, ...limits }) };
}

describe('tokenCache', () => {
  it('recalls whose token it was', () => {
    const { cache, verified } = setUp();
    cache.remember('a', verified('user-1'));
    cache.remember('b', verified('user-2'));
    expect([cache.recall('a')?.subject, cache.recall('b')?.subject, cache.recall('c')]).to.deep.equal(['user-1', 'user-2', undefined]);
  });

  it('forgets a token at its end, to the millisecond, even if time should go back', () => {
    const { cache, clock, verified } = setUp();
    cache.remember('a', verified());
    clock.advance(59_999);
    expect(cache.recall('a')?.subject).to.equal('user-1');
    clock.advance(1);
    expect(cache.recall('a')).to.equal(undefined);
    clock.advance(-10);
    expect(cache.recall('a')).to.equal(undefined);
  });

  it('forgets a token whose key has gone', () => {
    const { cache, key, verified } = setUp();
    cache.remember('a', verified());
    key.live = false;
    expect(cache.recall('a')).to.equal(undefined);
  });

  it('is bounded by count, and drops what was not used for longest', () => {
    const { cache, verified } = setUp({ maxTokens: 2 });
    for (const token of ['a', 'b']) cache.remember(token, verified());
    cache.recall('a');
    cache.remember('c', verified());
    expect(['a', 'b', 'c'].map((token) => cache.recall(token) !== undefined)).to.deep.equal([true, false, true]);
  });

  it('is bounded by bytes', () => {
    const { cache, verified } = setUp({ maxBytes: 100_000 });
    const tokens = Array.from({ length: 100 }, (_, at) => `${at}`.padEnd(2_000, 'x'));
    for (const token of tokens) cache.remember(token, verified());
    expect(tokens.filter((token) => cache.recall(token) !== undefined)).to.have.length.within(5, 12);
  });
});
