/** What requests were counted, by policy: it outlives the pipelines, so that a limit that does not change goes on across a reload. */
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Clock } from '../clock.ts';
import type { Rate } from '../config/schema/index.ts';

/** Whose limit it is: limits of different owners are counted apart, whatever their names. */
export interface Policy {
  readonly policy: string;
  readonly owner: 'route' | 'gateway';
  readonly rate: Rate;
}

/** Counts for one policy, by key. */
export interface Limiter {
  /** One request more. May reject with the count when the quota is spent, as rate-limiter-flexible does. */
  consume(key: string): Promise<RateLimiterRes>;
  /** What was counted; null when nothing was. */
  get(key: string): Promise<RateLimiterRes | null>;
}

/** The limiters of one pipeline. */
export interface Limiters {
  /** The one of this policy, with what other pipelines have counted for the same. */
  of(policy: Policy): Limiter;
  /** The same, for who only looks: in memory none is made where nothing was counted yet. */
  peek(policy: Policy): Pick<Limiter, 'get'> | undefined;
  /** The pipeline is no more. What it counted is kept as long as it could matter to the next. */
  close(): void;
}

interface Counting {
  readonly limiter: Limiter;
  /** Pipelines that use it. */
  users: number;
  /** By the monotonic clock, in milliseconds: from then on nothing is counted there. Of one that nobody uses. */
  emptyAt: number;
}

const inMemory = (keyPrefix: string, { limit, windowMs }: Rate): Limiter =>
  new RateLimiterMemory({ keyPrefix, points: limit, duration: windowMs / 1000 });

/** Call what it gives once for each pipeline. @param shared makes one that others count in too, by a name that has owner and policy in it */
export function rateLimiters(clock: Pick<Clock, 'now'>, shared?: (name: string, rate: Rate) => Limiter): () => Limiters {
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
        const limiter = all.get(key)?.limiter ?? (shared ?? inMemory)(keyPrefix, rate);
        const counting = all.get(key) ?? { limiter, users: 0, emptyAt: 0 };
        counting.users += 1;
        all.set(key, counting);
        own.set(rate, counting);
        return limiter;
      },
      peek(policy) {
        const { keyPrefix, key } = keysOf(policy);
        // Where others count too, there may be something that was not counted here.
        return (own.get(policy.rate) ?? all.get(key))?.limiter ?? shared?.(keyPrefix, policy.rate);
      },
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
