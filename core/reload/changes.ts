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

/** Changes that are told one by one, wherever they are told and kept. */
const TOLD = 100;

/** At most so many of them, and how many there are besides. */
export function toldOf(changes: readonly string[]): readonly string[] {
  return changes.length <= TOLD ? changes : [...changes.slice(0, TOLD), `${changes.length - TOLD} more`];
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
  const routes = ({ routes }: Config) => routes.map(({ name }) => name);
  const callers = ({ private: { callers } }: Config) => Object.keys(callers);
  return [
    ...(isOrdered(routes(before), routes(after)) ? [] : ['routes: their order']),
    ...(isOrdered(callers(before), callers(after)) ? [] : ['private.callers: their order']),
  ];
}

/** Whether what both have stands in one order. */
function isOrdered(before: readonly string[], after: readonly string[]): boolean {
  const [earlier, later] = [new Set(before), new Set(after)];
  const stay = before.filter((name) => later.has(name));
  return isDeepStrictEqual(
    stay,
    after.filter((name) => earlier.has(name)),
  );
}

function differing(before: Named, after: Named): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

const byName = ({ routes }: Config): Named => Object.fromEntries(routes.map((route) => [route.name, route]));
