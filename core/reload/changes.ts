/** What is another in a configuration than in the one before, in words for a log. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema/index.ts';

type Named = Readonly<Record<string, unknown>>;

/** Such as `services.orders: timeouts, retry`, `routes.search: added`, `public: rateLimit`. In the order of the file. */
export function changesBetween(before: Config, after: Config): readonly string[] {
  return [
    ...namedChanges('services', before.services, after.services),
    ...namedChanges('routes', byName(before), byName(after)),
    ...order(before, after),
    ...(['public', 'private', 'registry', 'filters', 'telemetry'] as const).flatMap((section) => {
      const { callers: earlier = {}, ...own } = before[section] as Named & { callers?: Named };
      const { callers: later = {}, ...others } = after[section] as Named & { callers?: Named };
      const keys = differing(own, others);
      return [...(keys.length > 0 ? [`${section}: ${keys.join(', ')}`] : []), ...namedChanges(`${section}.callers`, earlier, later)];
    }),
    ...(before.state === after.state ? [] : ['state']),
  ];
}

/** The names of the routes that both have, with all that they say. */
export function unchangedRoutes(before: Config, after: Config): ReadonlySet<string> {
  const earlier = byName(before);
  const same = after.routes.filter(({ name, ...said }) => isDeepStrictEqual(earlier[name], { name, ...said }));
  return new Set(same.map(({ name }) => name));
}

function namedChanges(of: string, before: Named, after: Named): string[] {
  const changed = Object.entries(after).flatMap(([name, value]) => {
    if (!Object.hasOwn(before, name)) return [`${of}.${name}: added`];
    const keys = differing(before[name] as Named, value as Named);
    return keys.length > 0 ? [`${of}.${name}: ${keys.join(', ')}`] : [];
  });
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return [...changed, ...removed.map((name) => `${of}.${name}: removed`)];
}

/** Which of two equal routes takes a request, and which caller is the one, goes by their order. */
function order(before: Config, after: Config): string[] {
  const names = ({ routes }: Config, others: Config) =>
    routes.map(({ name }) => name).filter((name) => others.routes.some((route) => route.name === name));
  const routes = isDeepStrictEqual(names(before, after), names(after, before)) ? [] : ['routes: their order'];
  const callers = (config: Config, others: Config) =>
    Object.keys(config.private.callers).filter((name) => Object.hasOwn(others.private.callers, name));
  return isDeepStrictEqual(callers(before, after), callers(after, before)) ? routes : [...routes, 'private.callers: their order'];
}

function differing(before: Named, after: Named): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

const byName = ({ routes }: Config): Named => Object.fromEntries(routes.map((route) => [route.name, route]));
