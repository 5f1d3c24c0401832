/**
 * A page of another site may make a browser send the user's cookie along, on a form or a WebSocket, without being asked
 * (cross-site request forgery, cross-site WebSocket hijacking). Where tokens may come by cookie, such requests are refused
 * unless the page's origin is the gateway's own or one that `cors` lists.
 */
import type { CorsConfig, JwtConfig } from '../core/config/schema/index.ts';
import type { Context, Middleware } from '../core/context.ts';
import { Problem } from '../core/problem.ts';
import { upgradeHeadOf } from '../core/upstream/upgrade-head.ts';

/** Methods that change nothing; what they read, a browser keeps from a page that may not have it. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** @throws Problem `forbidden` */
export function crossSite(jwt: JwtConfig | undefined, cors: CorsConfig | undefined): Middleware {
  const byCookie = jwt?.from.some((source) => source !== 'bearer') ?? false;
  if (!byCookie) return (_ctx, next) => next();
  const listed = new Set(cors?.origins);
  return function crossSite(ctx, next) {
    const { origin } = ctx.req.headers;
    if (origin !== undefined && matters(ctx) && origin !== ownOrigin(ctx) && !listed.has(origin)) {
      throw new Problem('forbidden', { detail: 'This origin may not act with the cookie of a user.' });
    }
    return next();
  };
}

/** A token in the Authorization field was put there by a script that had it; a cookie proves nothing. */
function matters({ req, state }: Context): boolean {
  const anonymous = state.route?.config.expose.public?.access === 'anonymous';
  return !anonymous && req.headers.authorization === undefined && (!SAFE.has(req.method ?? '') || upgradeHeadOf(req) !== undefined);
}

function ownOrigin({ state: { client } }: Context): string {
  return `${client.scheme}://${client.host}`.toLowerCase();
}
