/** Whether the registry may be used at all, before anybody asks who wants to: Eureka's StatusFilter and `shouldAllowAccess`. */
import type { Middleware } from 'koa';
import { STANDING, STARTING } from '../registry/eureka-servers.ts';
import { IDENTITY, MISDIRECTED } from './peer-wire.ts';
import { Refused } from './refused.ts';

export interface Standing {
  /** It is about to end. */
  readonly draining: boolean;
  /** It knows who is there, as far as it can. */
  readonly ready: boolean;
  /** By which it knows what it sent itself. */
  readonly identity: string;
}

/** 307 without a place, while it drains: a client of Eureka asks the next server then. */
export function whileServing(standing: Standing): Middleware {
  return async function whileServing(ctx, next) {
    const status = ctx.get(IDENTITY) === standing.identity ? MISDIRECTED : standing.draining ? 307 : undefined;
    if (status === undefined) return await next();
    ctx.status = status;
    ctx.type = 'text/plain';
    ctx.body = status === 307 ? 'This registry is about to end\n' : 'This registry is no peer of its own\n';
    if (status === MISDIRECTED) ctx.set(IDENTITY, standing.identity);
    ctx.set('Connection', 'close');
  };
}

/**
 * 403 to who reads lists until it has what its peers have: a client keeps the list it had. A header says that it is only for now, so
 * that a gateway which starts waits for it.
 */
export function onceReady(standing: Standing): Middleware {
  return async function onceReady(ctx, next) {
    if (standing.ready) return await next();
    ctx.set(STANDING, STARTING);
    throw new Refused(403, 'The registry does not know yet who is there: it waits for its peers');
  };
}
