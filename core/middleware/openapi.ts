/** Answers with the document of what the gateway exposes, where it is asked for on the gateway itself. */
import type { Context, Middleware } from '../context.ts';
import { answer } from './answer.ts';

/**
 * @param path where; undefined: nowhere, and then the step is not there
 * @param document as JSON
 */
export function openapi(path: string | undefined, document: () => string): readonly Middleware[] {
  if (path === undefined) return [];
  return [
    function openapi(ctx, next) {
      if (!asksForDocument(ctx, path)) return next();
      answer(ctx, 200, ['Content-Type', 'application/json', 'Cache-Control', 'no-cache'], document());
      return Promise.resolve();
    },
  ];
}

export function asksForDocument({ state, req: { method } }: Context, path: string): boolean {
  return state.target.path === path && (method === 'GET' || method === 'HEAD');
}
