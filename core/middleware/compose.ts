/** The steps of a pipeline as one. */
import type { Context, Middleware } from '../context.ts';

const DONE = Promise.resolve();

/**
 * Each is called with a `next` that goes on to the one below it, and may call it once. It is the same function for all the steps of a
 * request: koa-compose makes one for each, and a promise besides, which costs every request. What any of them throws becomes a rejection.
 */
export function compose(steps: readonly Middleware[]): (ctx: Context) => Promise<void> {
  return (ctx) => {
    let at = 0;
    const next = (): Promise<void> => {
      const step = steps[at];
      at += 1;
      try {
        return step ? step(ctx, next) : DONE;
      } catch (error) {
        return Promise.reject(error);
      }
    };
    return next();
  };
}
