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

/**
 * A bearer token was put there by a script that had it, where such tokens are read at all. A cookie proves nothing, and no
 * other scheme does: Basic and Negotiate a browser adds by itself.
 */
const BEARER = /^bearer /i;

/** @throws Problem `forbidden` */
export function crossSite(jwt: JwtConfig | undefined, cors: CorsConfig | undefined): Middleware {
  const sources = jwt?.from ?? [];
  if (sources.every((source) => source === 'bearer')) return (_ctx, next) => next();
  const listed = new Set(cors?.origins);
  const byBearer = sources.includes('bearer');
  return function crossSite(ctx, next) {
    const { origin } = ctx.req.headers;
    if (origin !== undefined && matters(ctx, byBearer) && origin !== ownOrigin(ctx) && !listed.has(origin)) {
      throw new Problem('forbidden', { detail: 'This origin may not act with the cookie of a user.' });
    }
    return next();
  };
}

function matters({ req, state }: Context, byBearer: boolean): boolean {
  const anonymous = state.route?.config.expose.public?.access === 'anonymous';
  const proven = byBearer && BEARER.test(req.headers.authorization ?? '');
  return !anonymous && !proven && (!SAFE.has(req.method ?? '') || upgradeHeadOf(req) !== undefined);
}

function ownOrigin({ state: { client } }: Context): string {
  return `${client.scheme}://${client.host}`.toLowerCase();
}
