/** Filters that cannot do what they are named for. */

import { basename, extname } from 'node:path';
import { error, type Path, type Remark, warning } from '../finding.ts';
import { FRAMING } from '../framing.ts';
import { didYouMean } from '../nearest.ts';
import type { Config, FilterEntry } from '../schema/index.ts';
import type { Check } from './check.ts';
import { filterTargets } from './filter-targets.ts';
import { headerField } from './header-field.ts';
import { positive } from './positive.ts';

export const filters: Check = (config) => {
  const { routes, filters: settings } = config;
  const lists = listsOf(config);
  const names = new Set(lists.flatMap(([, list]) => list.map(nameOf)));
  const off = settings.off.flatMap((name, at) => {
    if (names.has(name)) return [];
    // A filter of the user's is meant by its path; what it calls itself, only its module knows.
    const own = [...names].find((path) => path.includes('/') && basename(path, extname(path)) === name);
    const hint = own === undefined ? didYouMean(name, [...names]) : `did you mean ${own}?`;
    return [warning(['filters', 'off', at], `is named nowhere: ${name} is not among the filters`, { hint })];
  });
  return [
    ...off,
    ...positive({ timeout: settings.timeout }, ['filters']),
    ...lists.flatMap(([path, list]) => list.flatMap((entry, at) => (typeof entry === 'string' ? [] : one(entry, [...path, at])))),
    ...lists.flatMap(([path, list]) => {
      const route = path[0] === 'routes' ? routes[path[1] as number] : undefined;
      return list.flatMap((entry, at) => (typeof entry === 'string' ? [] : filterTargets(entry, [...path, at], route)));
    }),
    ...routes.flatMap(({ expose, filters: list = [] }, index) =>
      expose.private ? [] : list.flatMap((entry, at) => onlyInside(entry, ['routes', index, 'filters', at])),
    ),
    ...(config.public.filters ?? []).flatMap((entry, at) => onlyInside(entry, ['public', 'filters', at])),
  ];
};

/** Every list of filters, with its place. */
export function listsOf({ routes, public: edge, private: inside }: Config): readonly (readonly [Path, readonly FilterEntry[]])[] {
  return [
    [['public', 'filters'], edge.filters ?? []],
    [['private', 'filters'], inside.filters ?? []],
    ...routes.map(({ filters: list = [] }, index) => [['routes', index, 'filters'], list] as const),
  ];
}

const nameOf = (entry: FilterEntry): string => (typeof entry === 'string' ? entry : (Object.keys(entry)[0] ?? ''));

function one(entry: Exclude<FilterEntry, string>, path: Path): Remark[] {
  const remarks: Remark[] = [];
  for (const filter of ['setRequestHeader', 'addRequestHeader', 'setResponseHeader', 'addResponseHeader', 'secureHeaders'] as const) {
    for (const [name, value] of Object.entries(entry[filter] ?? {})) remarks.push(...headerField(name, value, [...path, filter, name]));
  }
  for (const filter of ['removeRequestHeader', 'removeResponseHeader'] as const) {
    (entry[filter] ?? []).forEach((name, at) => {
      if (FRAMING.has(name.toLowerCase())) remarks.push(error([...path, filter, at], `cannot take ${name} away: the gateway writes it`));
    });
  }
  return remarks;
}

function onlyInside(entry: FilterEntry, path: Path): Remark[] {
  if (typeof entry === 'string') return [];
  return (['delay', 'abort'] as const).flatMap((filter) => {
    const options = entry[filter];
    if (options === undefined || options.public) return [];
    return [
      warning([...path, filter], 'does nothing: the public gateway fails no request on purpose unless public: true says so', {
        atKey: true,
      }),
    ];
  });
}
