/** Routes name callers that are declared, and declared callers have routes. */

import { error, warning } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import type { Check } from './check.ts';

export const callers: Check = ({ routes, registry, private: { callers: declared } }) => {
  const names = Object.keys(declared);
  const used = new Set(routes.flatMap(({ expose }) => expose.private?.callers ?? []));
  const unknown = routes.flatMap(({ expose }, index) =>
    (expose.private?.callers ?? []).flatMap((name, position) => {
      if (Object.hasOwn(declared, name)) return [];
      const place = ['routes', index, 'expose', 'private', 'callers', position];
      return [
        error(place, `names the caller ${name}, which is not declared under private.callers`, {
          hint: didYouMean(name, names),
          from: [['private', 'callers', name]],
        }),
      ];
    }),
  );
  const unused = names
    // The embedded registry is open to whoever has an address.
    .filter((name) => !used.has(name) && (registry.embedded === undefined || declared[name]?.from === undefined))
    .map((name) => warning(['private', 'callers', name], 'may use no route', { atKey: true }));
  // An empty object is refused by the schema; without `from` and `certificate` a caller would be nobody, or everybody.
  const nobody = Object.entries(declared)
    .filter(([, { from, certificate }]) => from === undefined && certificate === undefined)
    .map(([name]) =>
      error(['private', 'callers', name], 'must have from, certificate or both: nothing else says who it is', { atKey: true }),
    );
  return [...unknown, ...unused, ...nobody];
};
