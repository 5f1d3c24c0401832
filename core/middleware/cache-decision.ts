/** What a cache does with a request, before anybody is asked: one rule for the step that does it and for who explains it. */
import { type Reuse, reuseOf } from '../cache/freshness.ts';
import type { Forwarded } from '../cache/status.ts';
import type { Stored } from '../cache/store.ts';
import { isForOrigin } from '../cache/validation.ts';
import { Problem } from '../problem.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';
import { ageOf } from './cache-call.ts';
import type { Visit } from './cache-visit.ts';

export type CacheDecision =
  /** The request is none for a cache. */
  | { readonly does: 'pass' }
  | { readonly does: 'give'; readonly stored: Stored; readonly reuse: Exclude<Reuse, 'ask'> }
  | { readonly does: 'ask'; readonly stored: Stored | undefined; readonly why: Exclude<Forwarded, 'bypass'> };

/** Methods that change nothing (RFC 9110 section 9.2.1). */
export const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Methods whose answers are kept. */
export const isKept = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** @param find looks for what is stored. @param now on the clock @throws Problem `not-stored` */
export function cacheDecision(visit: Visit, find: (visit: Visit) => Stored | undefined, now: number): CacheDecision {
  const { asked, rule, ctx } = visit;
  const isOther = visit.outgoing.method !== ctx.req.method || visit.outgoing.body || upgradeHeadOf(ctx.req);
  if (isOther || isForOrigin(visit.fields) || asked.noStore) return { does: 'pass' };
  const stored = find(visit);
  const age = stored ? ageOf(stored, now) : 0;
  const reuse = stored ? reuseOf(stored, age, asked, rule.allows) : 'ask';
  if (stored && reuse !== 'ask') return { does: 'give', stored, reuse };
  if (asked.onlyIfCached) throw new Problem('not-stored');
  return { does: 'ask', stored, why: !stored ? 'miss' : age < stored.lifetime.seconds ? 'request' : 'stale' };
}
