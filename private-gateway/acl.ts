/** May this caller use this route: only if the route names it. Nobody is meant when nobody is named. */
import type { Middleware } from '../core/context.ts';
import { Problem } from '../core/problem.ts';

/** @throws Problem `forbidden` */
export function acl(): Middleware {
  return function acl(ctx, next) {
    const { principal, route } = ctx.state;
    const allowed = route?.config.expose.private?.callers ?? [];
    if (principal.kind !== 'caller' || !allowed.includes(principal.name)) {
      throw new Problem('forbidden', { detail: `This caller may not use the route ${route?.name}.` });
    }
    return next();
  };
}
