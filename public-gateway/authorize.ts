/** Lets a user pass who has what the route asks for (rules.ts). Stands behind authenticate. */
import type { Middleware } from '../core/context.ts';
import { Problem } from '../core/problem.ts';
import { insufficientScope } from './challenges.ts';
import { lacks } from './rules.ts';

export function authorize(): Middleware {
  return function authorize(ctx, next) {
    const rule = ctx.state.route?.config.expose.public;
    if (rule === undefined) throw new Problem('no-route');
    const lacking = lacks(rule, ctx.state.principal);
    if (lacking === 'scopes') throw insufficientScope(rule.scopes ?? []);
    if (lacking === 'claims') throw new Problem('forbidden');
    return next();
  };
}
