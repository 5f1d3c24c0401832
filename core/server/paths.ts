/** What a router answers, as it is written in it. */
import type Router from '@koa/router';

/** Every path with a method, e.g. `/eureka/apps/:app`, each once: for who must know that none of them is to be had anywhere else. */
export function pathsOf(router: Router): readonly string[] {
  return [...new Set(router.stack.filter(({ methods }) => methods.length > 0).map(({ path }) => String(path)))];
}
