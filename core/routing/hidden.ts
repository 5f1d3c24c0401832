/** Routes that can never be reached, because one that goes before them takes everything they would. */
import type { RouteConfig } from '../config/schema/index.ts';
import { compileRoutes } from './compile.ts';
import { exposedThrough } from './exposure.ts';
import type { PathPattern } from './path-pattern.ts';
import { shape } from './path-template.ts';
import { byPrecedence } from './precedence.ts';
import type { Predicate } from './predicates.ts';
import type { Route } from './route.ts';

export interface Hidden {
  readonly hidden: RouteConfig;
  readonly by: RouteConfig;
}

/**
 * The routes of one gateway that another hides, in the order of the file. Only certain cases: one route must take it all, on
 * every host of the hidden one. What several routes hide together, or what only a proof about regular expressions could
 * tell, is not found.
 */
export function hiddenBy(configs: readonly RouteConfig[], exposure: 'public' | 'private'): readonly Hidden[] {
  const exposed = exposedThrough(exposure, configs);
  const routes = [...compileRoutes(exposed)].sort(byPrecedence);
  const groups = Map.groupBy(routes, ({ host, path }) => `${host ?? ''} ${key(path)}`);
  const hiders = (route: Route): readonly Route[] => {
    const alike = groups.get(`${route.host ?? ''} ${key(route.path)}`) ?? [];
    const everything = groups.get(`${route.host ?? ''} ${EVERYTHING}`) ?? [];
    return [...alike, ...everything].filter((other) => other.config !== route.config && hides(other, route)).sort(byPrecedence);
  };
  const byIndex = Map.groupBy(routes, ({ index }) => index);
  return exposed.flatMap((hidden, index) => {
    const [first, ...others] = (byIndex.get(index) ?? []).map(hiders);
    const by = first?.find(({ config }) => others.every((hiding) => hiding.some((other) => other.config === config)));
    return by === undefined ? [] : [{ hidden, by: by.config }];
  });
}

const EVERYTHING = '~everything';

/** Equal for patterns that certainly take the same paths. */
function key(path: PathPattern): string {
  if (path.kind !== 'expression') return `${path.kind} ${shape(path.elements)}`;
  const { source } = path.expression;
  return /^\/?\.\*$/.test(source) ? EVERYTHING : `~${source}`;
}

/** The host is the same and the paths of `other` are all of the route's; what is left is the order and the conditions. */
function hides(other: Route, route: Route): boolean {
  return byPrecedence(other, route) < 0 && coversMethods(other, route) && other.predicates.every((one) => isImplied(one, route.predicates));
}

function coversMethods(other: Route, route: Route): boolean {
  if (other.methods === null) return true;
  return route.methods?.isSubsetOf(other.methods) ?? false;
}

const isImplied = (predicate: Predicate, given: readonly Predicate[]) =>
  given.some(({ kind, name, value }) => kind === predicate.kind && name === predicate.name && value === predicate.value);
