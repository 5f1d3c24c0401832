/** Routes name services that exist, and services have routes. */

import { error, type Path, warning } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import type { Check } from './check.ts';

export const services: Check = ({ services: declared, routes }) => {
  const names = Object.keys(declared);
  const references = routes.flatMap(({ service, fallback }, index): (readonly [Path, string])[] => [
    [['routes', index, 'service'], service],
    ...(fallback?.service === undefined ? [] : ([[['routes', index, 'fallback', 'service'], fallback.service]] as const)),
  ]);
  const unknown = references.flatMap(([path, service]) => {
    if (Object.hasOwn(declared, service)) return [];
    return [
      error(path, `names the service ${service}, which is not declared under services`, {
        hint: didYouMean(service, names),
        from: [['services', service]],
      }),
    ];
  });
  const used = new Set(references.map(([, service]) => service));
  const unused = names.filter((name) => !used.has(name)).map((name) => warning(['services', name], 'is used by no route', { atKey: true }));
  return [...unknown, ...unused];
};
