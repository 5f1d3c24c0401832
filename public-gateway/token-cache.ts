/**
 * Remembers verified tokens, so that only the first request of each pays for the cryptography. Bounded by count and by
 * bytes; a token is forgotten when it ends or its key goes. The token itself is the key: it is in memory with every request
 * anyway, and a digest would cost more than all the rest of a hit.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import type { Verified } from './access-token.ts';
import type { User } from './claims.ts';
import type { Keys } from './signing-key.ts';

export interface TokenCache {
  recall(token: string): User | undefined;
  remember(token: string, verified: Verified): void;
}

interface Options {
  keys: Keys;
  clock: Clock;
  maxTokens?: number;
  maxBytes?: number;
}

export function tokenCache({ keys, clock, maxTokens = 50_000, maxBytes = 64 * 1024 * 1024 }: Options): TokenCache {
  // A token of n characters holds about 3/4 n of claims; as objects they take a few times that.
  const sizeOf = (_verified: Verified, token: string): number => 512 + token.length * 4;
  const verified = new LRUCache<string, Verified>({ max: maxTokens, maxSize: maxBytes, sizeCalculation: sizeOf });

  return {
    recall(token) {
      const known = verified.get(token);
      if (known === undefined) return undefined;
      if (clock.epoch() < known.expiresAt && keys.trusts(known.key)) return known.user;
      verified.delete(token);
      return undefined;
    },
    remember(token, entry) {
      // A copy: what was cut out of a header would keep the whole header in memory, other cookies and all.
      verified.set(Buffer.from(token, 'latin1').toString('latin1'), entry);
    },
  };
}
