/** So many requests a window for each key; who counts as one key is the gateway's to say. Counting is rate-limiter-flexible's. */
import type Koa from 'koa';
import type { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate } from '../config/schema/index.ts';
import type { Context, Middleware } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Route } from '../routing/route.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Limiters, Policy } from './rate-limiters.ts';

/** The limit that applies to a request, and whom it is counted for. */
export interface Quota extends Policy {
  readonly key: string;
}

export interface RateLimitOptions {
  /** The gateway's own limit; none when absent. */
  rate: Rate | undefined;
  /** The limit a route brings, which replaces the gateway's for it. */
  routeRate: (route: Route) => Rate | undefined;
  /** Who is counted, and the limit this one brings by itself. */
  subject: (ctx: Context) => { key: string; rate?: Rate | undefined };
  limiters: Pick<Limiters, 'of'>;
  instruments: Instruments;
}

const QUOTA_EXCEEDED = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

export function rateLimit({ rate, routeRate, subject, limiters, instruments }: RateLimitOptions): Middleware {
  const quotaOf = (ctx: Context): Quota | undefined => {
    const { route } = ctx.state;
    const { key, rate: own } = subject(ctx);
    const forRoute = route && routeRate(route);
    if (route && forRoute) return { policy: route.name, owner: 'route', key, rate: forRoute };
    const applies = own ?? rate;
    return applies && { policy: 'default', owner: 'gateway', key, rate: applies };
  };

  return function rateLimit(ctx, next) {
    const quota = quotaOf(ctx);
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
    throw new Problem('rate-limited', {
      type: QUOTA_EXCEEDED,
      detail: `The limit is ${limit} ${limit === 1 ? 'request' : 'requests'} in ${windowMs / 1000} s.`,
      retryAfter: Math.max(1, reset),
      members: { 'violated-policies': [policy] },
    });
  }
}

/** The library rejects with its result when the quota is spent; only a real error is one. */
async function count(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (result) {
    if (result instanceof Error) throw result;
    return result as RateLimiterRes;
  }
}
