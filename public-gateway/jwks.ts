/**
 * The keys an issuer publishes at a URL. The rules are those of jwks-rsa, but not its code: that remembers single keys by
 * `kid` against the system's clock, so that a key taken out of the set lives on, a flood of unknown `kid`s spends the allowance
 * of honest ones, the first of two keys with one `kid` wins, and an answer may be endless. Here the set is the unit, and a
 * fetch replaces it whole.
 */
import type { Clock } from '../core/clock.ts';
import { fits } from '../core/config/key-fit.ts';
import { Problem } from '../core/problem.ts';
import { refuse } from './challenges.ts';
import { fetchKeySet } from './jwks-fetch.ts';
import type { Keys, SigningKey } from './signing-key.ts';
import type { TokenHeader } from './token-shape.ts';

export interface JwksOptions {
  url: string;
  clock: Clock;
  /** From here on a set is asked for again before it is relied on: a key that was taken out is refused from then on. */
  maxAge?: number;
  /** How long a set serves while its issuer does not answer. */
  staleLimit?: number;
  /** Between two fetches, whoever asks. */
  coolDown?: number;
  /** For one fetch, to the last byte. */
  timeout?: number;
  /** Told of every fetch that failed: requests go on with the keys at hand, so nobody else notices. */
  onFailure?: (error: unknown) => void;
}

export function jwks(options: JwksOptions): Keys {
  const { url, clock, maxAge = 600_000, staleLimit = 3_600_000, coolDown = 30_000, timeout = 5_000, onFailure } = options;
  let keys: readonly SigningKey[] = [];
  let fetchedAt = -Infinity;
  let attemptedAt = -Infinity;
  let failures = 0; // since the last good answer
  let fetching: Promise<void> | undefined;
  let lastError: unknown;

  const age = (): number => clock.now() - fetchedAt;
  const usable = (): boolean => age() < staleLimit;
  /** While the issuer is known to be away, nobody waits for it at `maxAge`: the set at hand serves until `staleLimit`. */
  const mustAsk = (): boolean => !usable() || (age() >= maxAge && failures === 0);
  /** With nothing at hand every request fails, so a first failure is tried again sooner than the cool-down. */
  const pause = (): number => (usable() ? coolDown : Math.min(coolDown, 1000 * 2 ** Math.max(0, failures - 1)));

  /** Asks long before the keys are needed, so that a set in use is renewed, or found again, without anybody waiting for it. */
  function renew(): void {
    if (age() >= maxAge / 2) void refresh();
  }

  /** Single-flight, not more often than the cool-down lets it, and never rejects. */
  function refresh(): Promise<void> {
    if (fetching === undefined && clock.now() - attemptedAt >= pause()) {
      attemptedAt = clock.now();
      fetching = load(attemptedAt).finally(() => {
        fetching = undefined;
      });
    }
    return fetching ?? Promise.resolve();
  }

  async function load(startedAt: number): Promise<void> {
    try {
      keys = replace(keys, await fetchKeySet(url, timeout));
      fetchedAt = startedAt;
      failures = 0;
    } catch (error) {
      lastError = error;
      failures++;
      onFailure?.(error);
    }
  }

  function unavailable(): Problem {
    const wait = attemptedAt + pause() - clock.now();
    return new Problem('authentication-unavailable', { retryAfter: Math.max(1, Math.ceil(wait / 1000)), cause: lastError });
  }

  return {
    async find(header) {
      if (mustAsk()) await refresh();
      else renew();
      if (!usable()) throw unavailable();
      let choice = choose(keys, header);
      if (choice === 'unknown') {
        await refresh();
        choice = choose(keys, header);
      }
      return typeof choice === 'string' ? refuse(`no key for the token: ${choice}`) : choice;
    },
    trusts(key) {
      renew();
      return key.live && !mustAsk();
    },
  };
}

/** A key that stays in the set stays the same object, and what was verified with it stays remembered. */
function replace(before: readonly SigningKey[], fetched: readonly SigningKey[]): readonly SigningKey[] {
  const after = fetched.map(
    (key) => before.find((old) => old.kid === key.kid && old.algorithm === key.algorithm && old.key.equals(key.key)) ?? key,
  );
  for (const key of before) key.live = after.includes(key);
  return after;
}

/** Exactly one key must fit. Which of two with one `kid` is meant, nobody can say, so neither is. */
function choose(keys: readonly SigningKey[], { kid, alg }: TokenHeader): SigningKey | 'unknown' | 'ambiguous' | 'of another kind' {
  const named = kid === undefined ? keys : keys.filter((key) => key.kid === kid);
  const [first, ...others] = named.filter((key) => (key.algorithm ?? alg) === alg && fits(alg, key.key));
  if (first !== undefined) return others.length === 0 ? first : 'ambiguous';
  return kid === undefined || named.length === 0 ? 'unknown' : 'of another kind';
}
