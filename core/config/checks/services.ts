/** Routes name services that exist, and services have routes. */

import { error, warning } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import type { Check } from './check.ts';

export const services: Check = ({ services: declared, routes }) => {
  const names = Object.keys(declared);
  const used = new Set(routes.flatMap(({ service, fallback }) => [service, fallback?.service]));
  const unknown = routes.flatMap(({ service }, index) => {
    if (Object.hasOwn(declared, service)) return [];
    return [
      error(['routes', index, 'service'], `names the service ${service}, which is not declared under services`, {
        hint: didYouMean(service, names),
        from: [['services', service]],
      }),
    ];
  });
  const unused = names.filter((name) => !used.has(name)).map((name) => warning(['services', name], 'is used by no route', { atKey: true }));
  return [...unknown, ...unused];
};
