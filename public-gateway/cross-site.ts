/**
 * A page of another site may make a browser send the user's cookie along, on a form or a WebSocket, without being asked
 * (cross-site request forgery, cross-site WebSocket hijacking). Where tokens may come by cookie, such requests are refused
 * unless the page's origin is the gateway's own or one that `cors` lists.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { CorsConfig, JwtConfig, RouteConfig } from '../core/config/schema/index.ts';
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
  const check = crossSiteRule(jwt, cors);
  if (check === undefined) return (_ctx, next) => next();
  return function crossSite(ctx, next) {
    const { req, state } = ctx;
    if (req.headers.origin !== undefined)
      check(req, { route: state.route?.config, isUpgrade: upgradeHeadOf(req) !== undefined, ownOrigin: ownOrigin(ctx) });
    return next();
  };
}

type Request = { readonly method?: string | undefined; readonly headers: IncomingHttpHeaders };

interface Circumstances {
  readonly route: RouteConfig | undefined;
  readonly isUpgrade: boolean;
  readonly ownOrigin: string;
}

type Check = (request: Request, circumstances: Circumstances) => void;

/** The rule by itself, which throws the Problem `forbidden`; undefined where no token comes by cookie. */
export function crossSiteRule(jwt: JwtConfig | undefined, cors: CorsConfig | undefined): Check | undefined {
  const sources = jwt?.from ?? [];
  if (sources.every((source) => source === 'bearer')) return undefined;
  const listed = new Set(cors?.origins);
  const byBearer = sources.includes('bearer');
  return (request, circumstances) => {
    const { origin } = request.headers;
    if (origin === undefined || !matters(request, circumstances, byBearer)) return;
    if (origin !== circumstances.ownOrigin && !listed.has(origin))
      throw new Problem('forbidden', { detail: 'This origin may not act with the cookie of a user.' });
  };
}

function matters({ method, headers }: Request, { route, isUpgrade }: Circumstances, byBearer: boolean): boolean {
  const anonymous = route?.expose.public?.access === 'anonymous';
  const proven = byBearer && BEARER.test(headers.authorization ?? '');
  return !anonymous && !proven && (!SAFE.has(method ?? '') || isUpgrade);
}

function ownOrigin({ state: { client } }: Context): string {
  return `${client.scheme}://${client.host}`.toLowerCase();
}
