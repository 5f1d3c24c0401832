/** Who the user is, by the token of a request: keys, and the tokens that were verified with them, for as long as `jwt` stays as it is. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../core/clock.ts';
import type { JwtConfig } from '../core/config/schema/index.ts';
import type { Principal } from '../core/context.ts';
import { verifyAccessToken } from './access-token.ts';
import { unauthenticated } from './challenges.ts';
import { type KeySets, keySets as newKeySets } from './key-sets.ts';
import { configuredKey } from './signing-key.ts';
import { tokenCache } from './token-cache.ts';
import { tokenSource } from './token-source.ts';

/** @throws Problem for who is no user */
export type Identify = (request: IncomingMessage) => Principal | Promise<Principal>;

/** @param directory where relative files are found from */
export type Identification = (jwt: JwtConfig, directory: string) => Identify;

export interface IdentificationParts {
  readonly clock: Clock;
  readonly keySets?: KeySets;
}

interface Known {
  readonly by: readonly unknown[];
  readonly identify: Identify;
}

/** Those that were asked for last, whoever has them; others only while a pipeline has them, as that in force does. */
const KEPT = 2;

export function identification({ clock, keySets = newKeySets({ clock }) }: IdentificationParts): Identification {
  let known: readonly Known[] = [];
  let others: readonly WeakRef<Known>[] = [];
  /** Whoever has the one has the other. */
  const having = new WeakMap<Identify, Known>();
  return function identification(jwt, directory) {
    // Read before it is used: what changes in between is found to have changed the next time.
    const key = jwt.publicKey === undefined ? undefined : readFileSync(resolve(directory, jwt.publicKey), 'utf8');
    const by = [jwt, directory, key];
    const alive = others.flatMap((other) => other.deref() ?? []);
    const same = [...known, ...alive].find((one) => isDeepStrictEqual(one.by, by));
    const found = same ?? { by, identify: identifyByToken(jwt, directory, { clock, keySets }) };
    having.set(found.identify, found);
    known = [found, ...known.filter((one) => one !== found)].slice(0, KEPT);
    others = [...new Set([...alive, found])].map((one) => new WeakRef(one));
    return found.identify;
  };
}

function identifyByToken(jwt: JwtConfig, directory: string, { clock, keySets }: Required<IdentificationParts>): Identify {
  const keys = jwt.jwks === undefined ? configuredKey(jwt, directory) : keySets(jwt.jwks);
  const tokenOf = tokenSource(jwt.from);
  const tokens = tokenCache({ keys, clock });
  const verify = verifyAccessToken({ jwt, keys, clock });

  return function identifyByToken(request) {
    const token = tokenOf(request);
    if (token === undefined) throw unauthenticated();
    return tokens.recall(token) ?? verifyAndRemember(token);
  };

  async function verifyAndRemember(token: string): Promise<Principal> {
    const verified = await verify(token);
    tokens.remember(token, verified);
    return verified.user;
  }
}
