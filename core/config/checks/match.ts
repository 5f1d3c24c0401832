/** What a route matches on: one kind of path, and conditions that can hold together. */

import { error, type Path, type Remark, warning } from '../finding.ts';
import type { RouteConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

export const match: Check = ({ routes }) =>
  routes.flatMap((route, index) => [...onePath(route, ['routes', index, 'match']), ...canUpgrade(route, ['routes', index, 'upgrade'])]);

function onePath({ match: { path, pathPrefix } }: RouteConfig, place: Path): Remark[] {
  if (path !== undefined && pathPrefix !== undefined)
    return [
      error([...place, 'pathPrefix'], 'excludes path: a route takes one path or one prefix', { atKey: true, from: [[...place, 'path']] }),
    ];
  if (path === undefined && pathPrefix === undefined)
    return [error(place, 'must have path or pathPrefix (pathPrefix: / takes every path)')];
  return [];
}

/** A WebSocket opens with GET (RFC 6455 section 4.1). */
function canUpgrade({ match: { methods }, upgrade }: RouteConfig, place: Path): Remark[] {
  if (upgrade === undefined || methods === undefined || methods.includes('GET')) return [];
  return [warning(place, 'never happens: a WebSocket opens with GET, which the methods of the route leave out')];
}
