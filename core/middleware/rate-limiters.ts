/** What requests were counted, by policy: it outlives the pipelines, so that a limit that does not change goes on across a reload. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';
import type { Rate } from '../config/schema/index.ts';

/** Whose limit it is: limits of different owners are counted apart, whatever their names. */
export interface Policy {
  readonly policy: string;
  readonly owner: 'route' | 'gateway';
  readonly rate: Rate;
}

/** The limiters of one pipeline. */
export interface Limiters {
  /** The one of this policy, with what other pipelines have counted for the same. */
  of(policy: Policy): RateLimiterMemory;
  /** The same, for who only looks: none is made where nothing was counted yet. */
  peek(policy: Policy): RateLimiterMemory | undefined;
  /** The pipeline is no more. What it counted is kept as long as it could matter to the next. */
  close(): void;
}

interface Counting {
  readonly limiter: RateLimiterMemory;
  /** Pipelines that use it. */
  users: number;
  /** By the monotonic clock, in milliseconds: from then on nothing is counted there. Of one that nobody uses. */
  emptyAt: number;
}

/** Call it once for each pipeline. */
export function rateLimiters(clock: Pick<Clock, 'now'>): () => Limiters {
  const all = new Map<string, Counting>();

  const sweep = () => {
    const now = clock.now();
    for (const [key, { users, emptyAt }] of all) if (users === 0 && emptyAt <= now) all.delete(key);
  };

  return () => {
    sweep();
    // By the object, which a request has at hand, where a name would have to be made for each.
    const own = new Map<Rate, Counting>();
    return {
      of({ policy, owner, rate }) {
        const known = own.get(rate);
        if (known) return known.limiter;
        const { keyPrefix, key } = keysOf({ policy, owner, rate });
        const limiter = all.get(key)?.limiter ?? new RateLimiterMemory({ keyPrefix, points: rate.limit, duration: rate.windowMs / 1000 });
        const counting = all.get(key) ?? { limiter, users: 0, emptyAt: 0 };
        counting.users += 1;
        all.set(key, counting);
        own.set(rate, counting);
        return limiter;
      },
      peek: (policy) => (own.get(policy.rate) ?? all.get(keysOf(policy).key))?.limiter,
      close() {
        for (const [{ windowMs }, counting] of own) {
          counting.users -= 1;
          counting.emptyAt = clock.now() + windowMs;
        }
        own.clear();
        sweep();
      },
    };
  };
}

function keysOf({ policy, owner, rate }: Policy): { readonly keyPrefix: string; readonly key: string } {
  const keyPrefix = `${owner}:${policy}`;
  return { keyPrefix, key: `${keyPrefix} ${rate.limit} ${rate.windowMs}` };
}
