/** Establishes who the user is (`ctx.state.principal`), from the access token of the request. */
import type { Clock } from '../core/clock.ts';
import type { JwtConfig } from '../core/config/schema/index.ts';
import type { Middleware, Principal } from '../core/context.ts';
import { Problem } from '../core/problem.ts';
import { unauthenticated } from './challenges.ts';
import { type Identification, identification as newIdentification } from './identification.ts';

export interface AuthenticateOptions {
  /** Without it nobody can be authenticated, and only anonymous routes answer. */
  jwt: JwtConfig | undefined;
  /** Where the configuration lies: relative files are found from here. */
  directory: string;
  clock: Clock;
  /** That of the running gateway, so that keys and tokens that are known stay so across a reload. */
  identification?: Identification;
}

const anonymous: Principal = Object.freeze({ kind: 'anonymous' });

export function authenticate({ jwt, directory, clock, identification = newIdentification({ clock }) }: AuthenticateOptions): Middleware {
  const identify = jwt === undefined ? identifyNobody : identification(jwt, directory);

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

function identifyNobody(): never {
  throw unauthenticated();
}
