/** A rewrite uses what the route has: parameters of its match, and claims where there is a user. */

import { error, type Path, type Remark } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import { isClaim, placeholders } from '../path-formats.ts';
import type { RewriteConfig, RouteConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

export const rewrite: Check = ({ routes }) =>
  routes.flatMap((route, index) =>
    route.rewrite === undefined ? [] : [...oneWay(route.rewrite, ['routes', index, 'rewrite']), ...names(route, route.rewrite, index)],
  );

function oneWay(config: RewriteConfig, place: Path): Remark[] {
  const others = (['stripPrefix', 'prefixPath'] as const).filter((key) => config[key] !== undefined);
  if (config.path === undefined) return [];
  return others.map((key) => error([...place, key], 'has no effect beside path, which replaces the whole path', { atKey: true }));
}

function names(route: RouteConfig, config: RewriteConfig, index: number): Remark[] {
  const { path, pathPrefix } = route.match;
  // The groups of a regular expression are no parameters (routing/path-pattern.ts).
  const known = placeholders([path, pathPrefix].filter((text) => text !== undefined && !text.startsWith('~')).join(''));
  return (['path', 'prefixPath'] as const).flatMap((key) => {
    const place = ['routes', index, 'rewrite', key];
    return placeholders(config[key] ?? '').flatMap((name) => {
      if (isClaim(name)) return claimRemarks(route, name, place);
      if (known.includes(name)) return [];
      return [
        error(place, `uses {${name}}, which the match does not have`, {
          hint: didYouMean(name, known),
          from: [['routes', index, 'match']],
        }),
      ];
    });
  });
}

function claimRemarks({ expose }: RouteConfig, name: string, place: Path): Remark[] {
  if (expose.public?.access === 'anonymous') return [error(place, `uses {${name}}, but the route is anonymous: there are no claims`)];
  if (expose.private !== undefined)
    return [
      error(place, `uses {${name}}, but the route is exposed privately, where there are no claims; make it a public route of its own`),
    ];
  return [];
}
