/** So many requests a window for each key; who counts as one key is the gateway's to say. Counting is rate-limiter-flexible's. */
import type Koa from 'koa';
import type { RateLimiterRes } from 'rate-limiter-flexible';
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
  /** What is told of a policy; one rate belongs to one. */
  const told = new WeakMap<Rate, string>();

  return function rateLimit(ctx, next) {
    const quota = quotaOf(rule, ctx);
    return quota ? admit(quota, ctx, next) : next();
  };

  function admit(quota: Quota, { state }: Context, next: Koa.Next): Promise<void> {
    const { policy, key, rate } = quota;
    const counted = ({ msBeforeNext, remainingPoints, consumedPoints }: RateLimiterRes): Promise<void> => {
      const reset = Math.ceil(msBeforeNext / 1000);
      state.answer.push('RateLimit-Policy', tell(policy, rate));
      state.answer.push('RateLimit', `"${policy}";r=${Math.max(0, remainingPoints)};t=${reset}`);
      const allowed = consumedPoints <= rate.limit;
      instruments.rateLimitRequests.add(1, { policy, result: allowed ? 'allowed' : 'limited' });
      if (allowed) return next();
      throw spent(quota, reset);
    };
    // The library rejects with its result when the quota is spent; only a real error is one.
    return limiters
      .of(quota)
      .consume(key)
      .then(counted, (result: unknown) => {
        if (result instanceof Error) throw result;
        return counted(result as RateLimiterRes);
      });
  }

  function tell(policy: string, rate: Rate): string {
    let text = told.get(rate);
    if (text === undefined) {
      text = `"${policy}";q=${rate.limit};w=${rate.windowMs / 1000}`;
      told.set(rate, text);
    }
    return text;
  }
}
