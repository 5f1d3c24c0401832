/** So many requests a window for each key; who counts as one key is the gateway's to say. Counting is rate-limiter-flexible's. */
import type Koa from 'koa';
import type { RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate } from '../config/schema/index.ts';
import type { Context, Middleware } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Route } from '../routing/route.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Limiter, Limiters, Policy } from './rate-limiters.ts';

/** The limit that applies to a request, and whom it is counted for. */
export interface Quota extends Policy {
  readonly key: string;
}

/** Which limit applies to whom. */
export interface QuotaRule {
  /** The gateway's own limit; none when absent. */
  rate: Rate | undefined;
  /** The limit a route brings, which replaces the gateway's for it. */
  routeRate: (route: Route) => Rate | undefined;
  /** Who is counted, and the limit this one brings by itself. */
  subject: (ctx: Context) => { key: string; rate?: Rate | undefined };
}

export interface RateLimitOptions extends QuotaRule {
  limiters: Pick<Limiters, 'of'>;
  instruments: Instruments;
}

const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** The limit that a request is counted against; undefined without one. */
export function quotaOf({ rate, routeRate, subject }: QuotaRule, ctx: Context): Quota | undefined {
  const { route } = ctx.state;
  const { key, rate: own } = subject(ctx);
  const forRoute = route && routeRate(route);
  if (route && forRoute) return { policy: route.name, owner: 'route', key, rate: forRoute };
  const applies = own ?? rate;
  return applies && { policy: 'default', owner: 'gateway', key, rate: applies };
}

/** What is left of a quota now, and in how many milliseconds it is whole again; counts nothing. */
export async function leftOf(quota: Quota, limiters: Pick<Limiters, 'peek'>): Promise<{ readonly left: number; readonly resetMs: number }> {
  const counted = await limiters.peek(quota)?.get(quota.key);
  return { left: Math.max(0, quota.rate.limit - (counted?.consumedPoints ?? 0)), resetMs: Math.max(0, counted?.msBeforeNext ?? 0) };
}

/** The refusal of a request that comes when nothing is left. @param reset seconds until the quota is whole again */
export function spent({ policy, rate: { limit, windowMs } }: Quota, reset: number): Problem {
  return new Problem('rate-limited', {
    type: QUOTA_EXCEEDED,
    detail: `The limit is ${limit} ${limit === 1 ? 'request' : 'requests'} in ${windowMs / 1000} s.`,
    retryAfter: Math.max(1, reset),
    members: { 'violated-policies': [policy] },
  });
}

export function rateLimit({ limiters, instruments, ...rule }: RateLimitOptions): Middleware {
  return function rateLimit(ctx, next) {
    const quota = quotaOf(rule, ctx);
    return quota ? admit(quota, ctx, next) : next();
  };

  async function admit(quota: Quota, ctx: Context, next: Koa.Next): Promise<void> {
    const { policy, key } = quota;
    const { limit, windowMs } = quota.rate;
    const counted = await count(limiters.of(quota), key);
    const reset = Math.ceil(counted.msBeforeNext / 1000);
    ctx.state.answer.push('RateLimit-Policy', `"${policy}";q=${limit};w=${windowMs / 1000}`);
    ctx.state.answer.push('RateLimit', `"${policy}";r=${Math.max(0, counted.remainingPoints)};t=${reset}`);
    const allowed = counted.consumedPoints <= limit;
    instruments.rateLimitRequests.add(1, { policy, result: allowed ? 'allowed' : 'limited' });
    if (allowed) return next();
    throw spent(quota, reset);
  }
}

/** The library rejects with its result when the quota is spent; only a real error is one. */
async function count(limiter: Limiter, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (result) {
    if (result instanceof Error) throw result;
    return result as RateLimiterRes;
  }
}
