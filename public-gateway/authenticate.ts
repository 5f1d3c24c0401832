/** Establishes who the user is (`ctx.state.principal`), from the access token of the request. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../core/clock.ts';
import type { JwtConfig } from '../core/config/schema/index.ts';
import type { Middleware, Principal } from '../core/context.ts';
import { Problem } from '../core/problem.ts';
import { verifyAccessToken } from './access-token.ts';
import { unauthenticated } from './challenges.ts';
import { type KeySets, keySets as newKeySets } from './key-sets.ts';
import { configuredKey } from './signing-key.ts';
import { tokenCache } from './token-cache.ts';
import { tokenSource } from './token-source.ts';

export interface AuthenticateOptions {
  /** Without it nobody can be authenticated, and only anonymous routes answer. */
  jwt: JwtConfig | undefined;
  /** Where the configuration lies: relative files are found from here. */
  directory: string;
  clock: Clock;
  /** Published key sets: those of the running gateway, so that a reload while their issuer is away keeps the keys at hand. */
  keySets?: KeySets;
}

type Identify = (request: IncomingMessage) => Principal | Promise<Principal>;

const anonymous: Principal = Object.freeze({ kind: 'anonymous' });

export function authenticate({ jwt, directory, clock, keySets = newKeySets({ clock }) }: AuthenticateOptions): Middleware {
  const identify = jwt === undefined ? identifyNobody : identifyByToken(jwt, { directory, clock, keySets });

  return function authenticate(ctx, next) {
    const exposure = ctx.state.route?.config.expose.public;
    if (exposure === undefined) throw new Problem('no-route');
    const identified = exposure.access === 'anonymous' ? anonymous : identify(ctx.req);
    const proceed = (principal: Principal) => {
      ctx.state.principal = principal;
      return next();
    };
    return identified instanceof Promise ? identified.then(proceed) : proceed(identified);
  };
}

function identifyByToken(jwt: JwtConfig, { directory, clock, keySets }: Required<Omit<AuthenticateOptions, 'jwt'>>): Identify {
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

function identifyNobody(): never {
  throw unauthenticated();
}
