/** Routes made of parts: what the parts use exists, and nobody gets by a part what no other route would give. */
import { error, type Path, type Remark } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import { partNamed, partsIn } from '../part-path.ts';
import { isClaim, isParameter, placeholders } from '../path-formats.ts';
import type { AggregateConfig, Config, RouteConfig } from '../schema/index.ts';
import type { Check } from './check.ts';

export const aggregate: Check = ({ routes }) =>
  routes.flatMap((route, index) => {
    const { aggregate: config } = route;
    const path = ['routes', index];
    if (config === undefined) return [];
    const place = [...path, 'aggregate', 'parts'];
    return [
      ...read(route, path),
      ...Object.entries(config.parts).flatMap(([name, part]) => used(route, config, name, part.path, [...place, name, 'path'])),
      ...circle(config, place),
      ...listed(route, config, routes, place),
    ];
  });

/** What makes no sense where nothing goes on to one service. */
function read({ match, upgrade, rewrite, fallback }: RouteConfig, path: Path): Remark[] {
  const others = (match.methods ?? []).filter((method) => method !== 'GET' && method !== 'HEAD');
  return [
    ...others.map((method) => error([...path, 'match', 'methods'], `has ${method}: parts are only read, with GET`)),
    ...(upgrade === undefined ? [] : [error([...path, 'upgrade'], 'cannot be: the answer is made of parts', { atKey: true })]),
    ...(rewrite === undefined ? [] : [error([...path, 'rewrite'], 'has no effect: each part has its own path', { atKey: true })]),
    ...(fallback === undefined ? [] : [error([...path, 'fallback'], 'has no effect: each part has its own default', { atKey: true })]),
  ];
}

function used(route: RouteConfig, { parts }: AggregateConfig, name: string, written: string, place: Path): Remark[] {
  const { path = '', pathPrefix = '' } = route.match;
  const known = placeholders([path, pathPrefix].filter((text) => !text.startsWith('~')).join(''));
  const anonymous = route.expose.public?.access === 'anonymous' || route.expose.private !== undefined;
  return placeholders(written).flatMap((used) => {
    const other = partNamed(used)?.part;
    if (other === name) return [error(place, `uses {${used}}, which is the part itself`)];
    if (other !== undefined && !Object.hasOwn(parts, other))
      return [error(place, `uses {${used}}, but there is no part ${other}`, { hint: didYouMean(other, Object.keys(parts)) })];
    if (isClaim(used) && anonymous) return [error(place, `uses {${used}}, but not every request of the route has a user`)];
    if (isParameter(used) && !known.includes(used))
      return [error(place, `uses {${used}}, which the match does not have`, { hint: didYouMean(used, known) })];
    return [];
  });
}

/** Parts that wait for one another are never had. */
function circle({ parts }: AggregateConfig, place: Path): Remark[] {
  const waitsFor = (name: string, seen: readonly string[]): readonly string[] | undefined => {
    if (seen.includes(name)) return [...seen.slice(seen.indexOf(name)), name];
    for (const other of partsIn(parts[name]?.path ?? '')) {
      const found = other === name ? undefined : waitsFor(other, [...seen, name]);
      if (found) return found;
    }
    return undefined;
  };
  for (const name of Object.keys(parts)) {
    const found = waitsFor(name, []);
    if (found) return [error([...place, name, 'path'], `waits for itself: ${found.join(' -> ')}`)];
  }
  return [];
}

/** Inside, a caller that no route lets to a service must not get there by a part. */
function listed({ name: own, expose }: RouteConfig, { parts }: AggregateConfig, routes: Config['routes'], place: Path): Remark[] {
  const callers = expose.private?.callers ?? [];
  return Object.entries(parts).flatMap(([name, { service }]) => {
    const admitted = new Set(
      routes.flatMap((other) => {
        const serves = other.service === service || other.split?.some((branch) => branch.service === service);
        return other.name !== own && serves ? (other.expose.private?.callers ?? []) : [];
      }),
    );
    const strangers = callers.filter((caller) => !admitted.has(caller));
    if (strangers.length === 0) return [];
    return [
      error(
        [...place, name, 'service'],
        `is ${service}, to which no route admits ${strangers.join(', ')}: a part is no way around the list of callers`,
      ),
    ];
  });
}
