/** Answers with the document of what the gateway exposes, where it is asked for on the gateway itself. */
import type { Middleware } from '../context.ts';
import { answer } from './answer.ts';

/**
 * @param path where; undefined: nowhere, and then the step is not there
 * @param document as JSON
 */
export function openapi(path: string | undefined, document: () => string): readonly Middleware[] {
  if (path === undefined) return [];
  return [
    function openapi(ctx, next) {
      const { method } = ctx.req;
      if (ctx.state.target.path !== path || (method !== 'GET' && method !== 'HEAD')) return next();
      answer(ctx, 200, ['Content-Type', 'application/json', 'Cache-Control', 'no-cache'], document());
      return Promise.resolve();
    },
  ];
}
