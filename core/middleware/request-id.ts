/** Every request has an id: the client's when it is harmless, ours otherwise. The answer carries it too. */
import type { Middleware } from '../context.ts';
import { uuid } from './uuid.ts';

const HARMLESS = /^[\w\-=]{1,128}$/;

export function requestId(): Middleware {
  return function requestId(ctx, next) {
    const given = ctx.req.headers['x-request-id'];
    const id = typeof given === 'string' && HARMLESS.test(given) ? given : uuid();
    ctx.state.requestId = id;
    ctx.state.answer = ['X-Request-Id', id];
    return next();
  };
}
