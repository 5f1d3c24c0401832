/**
 * Verifies one token. passport with passport-jwt does it (signature, algorithm, issuer, audience, times); what those leave
 * loose is checked before (token-shape.ts) and behind (claims.ts).
 */
import passport from 'passport';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { Clock } from '../core/clock.ts';
import type { JwtConfig } from '../core/config/schema/index.ts';
import { invalidToken } from './challenges.ts';
import { checkPurpose, checkTimes, type User, userOf } from './claims.ts';
import type { Keys, SigningKey } from './signing-key.ts';
import type { JsonObject } from './strict-json.ts';
import { readShape } from './token-shape.ts';

export interface Verified {
  readonly user: User;
  readonly key: SigningKey;
  /** Milliseconds since 1970, tolerance included. */
  readonly expiresAt: number;
}

export type VerifyAccessToken = (token: string) => Promise<Verified>;

interface Parts {
  jwt: JwtConfig;
  keys: Keys;
  clock: Clock;
}

export function verifyAccessToken({ jwt, keys, clock }: Parts): VerifyAccessToken {
  const authenticator = new passport.Authenticator();
  const algorithms: ReadonlySet<string> = new Set(jwt.algorithms);

  return async function verifyAccessToken(token) {
    const header = readShape(token, algorithms);
    const key = await keys.find(header);
    const epoch = clock.epoch();
    const accept = (claims: JsonObject): Verified => {
      const expiresAt = checkTimes(claims, epoch, jwt.clockTolerance);
      checkPurpose(header, claims);
      return { user: userOf(claims), key, expiresAt };
    };
    // A strategy holds one clock reading, and passport writes its callbacks onto it: one for each verification.
    const strategy = new Strategy(strategyOptions(jwt, token, key, epoch), (claims: JsonObject, done) => done(null, accept(claims)));
    return run(authenticator, strategy);
  };
}

const strategyOptions = (jwt: JwtConfig, token: string, { key }: SigningKey, epoch: number): StrategyOptionsWithoutRequest => ({
  jwtFromRequest: () => token,
  // jsonwebtoken takes a KeyObject as it is, and so never guesses what kind of key a text might be; the types know no such.
  secretOrKey: key as unknown as Buffer,
  issuer: jwt.issuer,
  audience: jwt.audience,
  algorithms: [...jwt.algorithms],
  jsonWebTokenOptions: { clockTimestamp: epoch / 1000, clockTolerance: jwt.clockTolerance / 1000 },
});

/** passport adds session methods to the request it is given, so it is given a stand-in: the strategy has its token already. */
function run(authenticator: passport.Authenticator, strategy: Strategy): Promise<Verified> {
  return new Promise((resolve, reject) => {
    const settle: passport.AuthenticateCallback = (error, verified, reason) => {
      if (error) return reject(error);
      return verified ? resolve(verified as Verified) : reject(invalidToken(reason));
    };
    authenticator.authenticate(strategy, { session: false }, settle)({}, {}, reject);
  });
}
