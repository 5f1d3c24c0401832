/** Every request has an id: the client's when it is harmless, ours otherwise. The answer carries it too. */
import { randomUUID } from 'node:crypto';
import type { Middleware } from '../context.ts';

const HARMLESS = /^[\w\-=]{1,128}$/;

export function requestId(): Middleware {
  return function requestId(ctx, next) {
    const given = ctx.req.headers['x-request-id'];
    const id = typeof given === 'string' && HARMLESS.test(given) ? given : randomUUID();
    ctx.state.requestId = id;
    ctx.state.answer = ['X-Request-Id', id];
    return next();
  };
}
