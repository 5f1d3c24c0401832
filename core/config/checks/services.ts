/** Routes name services that exist, and services have routes. */

import { error, type Path, warning } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import { mirrors, serviceReferences } from '../service-references.ts';
import type { Check } from './check.ts';

export const services: Check = ({ services: declared, routes, ...gateways }) => {
  const names = Object.keys(declared);
  const references = [
    ...routes.flatMap((route, index) =>
      serviceReferences(route).map(([path, service]): readonly [Path, string] => [['routes', index, ...path], service]),
    ),
    ...(['public', 'private'] as const).flatMap((section) =>
      mirrors(gateways[section].filters).map(([path, service]): readonly [Path, string] => [[section, ...path], service]),
    ),
  ];
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
