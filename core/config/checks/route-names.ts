/** A route's name stands for it in logs and metrics, so no two may share one. */

import { error } from '../finding.ts';
import type { Check } from './check.ts';

export const routeNames: Check = ({ routes }) => {
  const first = new Map<string, number>();
  return routes.flatMap(({ name }, index) => {
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, index);
    return earlier === undefined ? [] : [error(['routes', index, 'name'], `${name} is the name of routes[${earlier}] already`)];
  });
};
