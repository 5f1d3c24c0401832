/** The steps of a pipeline as one. */
import type { Context, Middleware } from '../context.ts';

type Run = (ctx: Context) => Promise<void>;

/**
 * Each is called with the one below it as `next`. What koa-compose does besides, a promise and a bound function for each, costs every
 * request; here steps must call `next` once at most. What any of them throws becomes a rejection.
 */
export function compose(steps: readonly Middleware[]): Run {
  const run = steps.reduceRight<Run>(
    (next, step) => (ctx) => step(ctx, () => next(ctx)),
    () => Promise.resolve(),
  );
  return (ctx) => {
    try {
      return run(ctx);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
