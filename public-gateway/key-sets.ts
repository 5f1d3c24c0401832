/** The published key sets a gateway uses: one for each URL, however often it is asked for. */
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

/** The same, and a fetch that fails is logged, for nobody else notices as long as the keys at hand serve. */
export function loggedKeySets(logger: Logger, clock: Clock): KeySets {
  return keySets({ clock, onFailure: (error) => logger.warn({ event: 'key-set-unavailable', err: error }) });
}
