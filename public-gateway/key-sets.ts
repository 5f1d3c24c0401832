/** The published key sets a gateway uses: one for each URL, however many snapshots ask for it. */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/telemetry/logger.ts';
import { type JwksOptions, jwks } from './jwks.ts';
import type { Keys } from './signing-key.ts';

export type KeySets = (url: string) => Keys;

export function keySets(options: Omit<JwksOptions, 'url'>): KeySets {
  const sets = new Map<string, Keys>();
  return function keySets(url) {
    const set = sets.get(url) ?? jwks({ url, ...options });
    sets.set(url, set);
    return set;
  };
}

const running = new WeakMap<Logger, KeySets>();

/**
 * The same for as long as a gateway runs, as its logger is: after a reload the keys are still at hand, even while their
 * issuer is away. A fetch that fails is logged, for nobody else notices as long as the keys at hand serve.
 */
export function keySetsOf({ logger, clock }: { logger: Logger; clock: Clock }): KeySets {
  const onFailure = (error: unknown): void => logger.warn({ event: 'key-set-unavailable', err: error });
  const sets = running.get(logger) ?? keySets({ clock, onFailure });
  running.set(logger, sets);
  return sets;
}
