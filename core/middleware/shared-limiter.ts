/** Counts of one policy that several instances of a gateway share; while that cannot be, each counts for itself. */
import { hash } from 'node:crypto';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { Rate } from '../config/schema/index.ts';
import type { SharedState } from '../state/shared-state.ts';
import type { Limiter } from './rate-limiters.ts';

/** @param keyPrefix names owner and policy */
export function sharedLimiter(
  state: Pick<SharedState, 'client' | 'prefix' | 'reachable' | 'ask' | 'failed'>,
  keyPrefix: string,
  { limit, windowMs }: Rate,
): Limiter {
  const given = { points: limit, duration: windowMs / 1000 };
  const own = new RateLimiterMemory({ ...given, keyPrefix });
  // Another limit counts anew, as it does in memory: instances may differ while a change is rolled out.
  const shared = new RateLimiterRedis({
    ...given,
    storeClient: state.client,
    keyPrefix: `${state.prefix}:${keyPrefix}:${limit}:${windowMs}`,
  });

  return {
    async consume(key) {
      if (!state.reachable) return own.consume(key);
      const counted = await state.ask(shared.consume(nameOf(key))).catch(settled);
      if (isCount(counted)) return counted;
      state.failed(counted);
      return own.consume(key);
    },
    async get(key) {
      if (!state.reachable) return own.get(key);
      const counted = await state.ask(shared.get(nameOf(key))).catch(settled);
      if (counted === null || isCount(counted)) return counted;
      state.failed(counted);
      return own.get(key);
    },
  };
}

/** Of one length, however long the name of a user is, and nobody's name is kept elsewhere. */
const nameOf = (key: string): string => hash('sha256', key, 'base64url');

/** The library rejects with its result when the quota is spent. */
const settled = (problem: unknown): unknown => problem;

/** A server may answer anything. */
const isCount = (result: unknown): result is RateLimiterRes =>
  result instanceof RateLimiterRes && Number.isSafeInteger(result.consumedPoints) && Number.isFinite(result.msBeforeNext);
