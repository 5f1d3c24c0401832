/** Routes made of parts: what the parts use exists, and can be had. */
import { error, type Path, type Remark, warning } from '../finding.ts';
import { didYouMean } from '../nearest.ts';
import { partNamed, partsIn } from '../part-path.ts';
import { isClaim, isParameter, placeholders } from '../path-formats.ts';
import type { AggregateConfig, Config, RouteConfig } from '../schema/index.ts';
import { formatDuration } from '../units.ts';
import type { Check } from './check.ts';
import { positive } from './positive.ts';

export const aggregate: Check = ({ routes, services }) =>
  routes.flatMap((route, index) => {
    const { aggregate: config } = route;
    const path = ['routes', index];
    if (config === undefined) return [];
    const place = [...path, 'aggregate', 'parts'];
    return [
      ...read(route, path),
      ...Object.entries(config.parts).flatMap(([name, part]) => used(route, config, name, part.path, [...place, name, 'path'])),
      ...circle(config, place),
      ...settings(config, services, place),
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
  const done = new Set<string>();
  const waitsFor = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const other of partsIn(parts[name]?.path ?? '')) {
      const found = other === name ? undefined : waitsFor(other, [...way, name]);
      if (found) return found;
    }
    done.add(name);
    return undefined;
  };
  for (const name of Object.keys(parts)) {
    const found = waitsFor(name, []);
    if (found) return [error([...place, name, 'path'], `waits for itself: ${found.join(' -> ')}`)];
  }
  return [];
}

/** Bytes of all parts of one answer together, which are in memory at once. */
const MUCH = 64 * 1024 * 1024;

/** Settings of a part that cannot do what they say. */
function settings({ parts, merge }: AggregateConfig, services: Config['services'], place: Path): Remark[] {
  const remarks = Object.entries(parts).flatMap(([name, part]): Remark[] => {
    const path = [...place, name];
    const request = services[part.service]?.timeouts.request ?? Number.POSITIVE_INFINITY;
    const found = positive({ timeout: part.timeout }, path);
    if (part.limit === 0) found.push(error([...path, 'limit'], 'must be larger than 0B: no JSON document is empty'));
    if (part.default !== undefined) {
      if (part.required) found.push(warning([...path, 'default'], 'is never used: there is no answer without the part', { atKey: true }));
      const isObject = typeof part.default === 'object' && part.default !== null && !Array.isArray(part.default);
      if (merge && !isObject) found.push(error([...path, 'default'], 'must be an object: its fields are merged with those of the others'));
    }
    if (part.timeout !== undefined && part.timeout > request)
      found.push(
        warning(
          [...path, 'timeout'],
          `is longer than ${formatDuration(request)}, timeouts.request of ${part.service}, which ends it first`,
        ),
      );
    return found;
  });
  const together = Object.values(parts).reduce((sum, { limit }) => sum + limit, 0);
  if (together > MUCH)
    remarks.push(warning(place, `may be ${Math.round(together / 1024 / 1024)} MiB together, all in memory for each request`));
  return remarks;
}

/** Inside, a caller gets by a part only what some route would give it (private-gateway/admits-part.ts): here, that there may be one. */
function listed({ expose }: RouteConfig, { parts }: AggregateConfig, routes: Config['routes'], place: Path): Remark[] {
  const callers = expose.private?.callers ?? [];
  return Object.entries(parts).flatMap(([name, { service }]) => {
    const admitted = new Set(
      routes.flatMap((other) => {
        const serves = other.service === service || other.split?.some((branch) => branch.service === service);
        return serves ? (other.expose.private?.callers ?? []) : [];
      }),
    );
    const strangers = callers.filter((caller) => !admitted.has(caller));
    if (strangers.length === 0) return [];
    return [
      error(
        [...place, name, 'service'],
        `is ${service}, to which no route admits ${strangers.join(', ')}: every such part would be refused`,
      ),
    ];
  });
}
