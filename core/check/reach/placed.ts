/** The routes of one gateway before and after, in order of precedence, and which of them are news. */
import type { RouteConfig } from '../../config/schema/index.ts';
import { compileRoute } from '../../routing/compile.ts';
import { byPrecedence } from '../../routing/precedence.ts';
import type { Route } from '../../routing/route.ts';
import type { Work } from '../turns.ts';
import type { Condition } from './first.ts';

/** The routes of one gateway. */
export interface Catalogue {
  readonly routes: readonly RouteConfig[];
  /** What goes before all of them, whatever their precedence. */
  readonly ahead: readonly RouteConfig[];
}

export interface Placed {
  readonly route: Route;
  readonly rank: number;
  readonly side: 'before' | 'after';
  /** The path's, for an expression, and those of the predicates. */
  readonly conditions: readonly Condition[];
  /** Equal for routes that do the same with the same requests. */
  readonly identity: string;
}

export interface Placement {
  readonly before: readonly Placed[];
  readonly after: readonly Placed[];
  /** Those of both that are on the other side too, in the same order beside each other. */
  readonly kept: ReadonlyMap<Placed, Placed>;
}

/** What routes are compiled to, by what they say but for their names: most of them are the same before and after. */
export type CompiledRoutes = Map<string, Compiled>;

export function* place(before: Catalogue, after: Catalogue, compiled: CompiledRoutes): Work<Placement> {
  const [then, now] = [yield* placed(before, 'before', compiled), yield* placed(after, 'after', compiled)];
  yield;
  return { before: then, after: now, kept: keptOf(then, now) };
}

interface Compiled {
  readonly routes: readonly Route[];
  readonly conditions: readonly Condition[];
}

const PAUSE = 32;

function* placed({ routes, ahead }: Catalogue, side: Placed['side'], compiled: CompiledRoutes): Work<readonly Placed[]> {
  const found: Omit<Placed, 'rank'>[] = [];
  for (const [index, config] of [...ahead, ...routes].entries()) {
    if (index % PAUSE === 0) yield;
    const { name, ...rest } = config;
    const text = JSON.stringify(rest);
    const { routes, conditions } = compiled.get(text) ?? compile(config, index);
    compiled.set(text, { routes, conditions });
    for (const one of routes) {
      const route = { ...one, name, config, index };
      found.push({ route, side, conditions, identity: `${one.host ?? ''} ${text}` });
    }
  }
  yield;
  const isAhead = ({ route }: Omit<Placed, 'rank'>) => route.index < ahead.length;
  const ordered = found.sort((a, b) => Number(isAhead(b)) - Number(isAhead(a)) || byPrecedence(a.route, b.route));
  return ordered.map((one, rank) => ({ ...one, rank }));
}

export const PATH = 'path';

/** Expressions that match every path. */
const EVERYTHING = /^\/?\.\*$/;

function compile(config: RouteConfig, index: number): Compiled {
  const routes = compileRoute(config, index);
  const [one] = routes;
  const onPath: Condition[] =
    one?.path.kind === 'expression' && !EVERYTHING.test(one.path.expression.source)
      ? [{ key: `path ~${one.path.expression.source}`, subject: PATH }]
      : [];
  return { routes, conditions: [...onPath, ...(one === undefined ? [] : conditionsOf(one))] };
}

function conditionsOf({ predicates }: Route): readonly Condition[] {
  return predicates.map(({ kind, name, value, holds }): Condition => {
    const subject = `${kind} ${name}`;
    const expression = value.startsWith('~');
    const given = (text: string) => {
      const headers = kind === 'header' ? { [name]: text } : kind === 'cookie' ? { cookie: `${name}=${text}` } : {};
      const query = kind === 'query' ? new URLSearchParams([[name, text]]).toString() : '';
      return holds({ method: '', host: '', path: '/', query, headers });
    };
    // The one field of which node keeps several values apart.
    const single = kind === 'header' && name !== 'set-cookie';
    return { key: `${subject}=${value}`, subject, single, ...(expression ? { holds: given } : { value }) };
  });
}

/** The longest that the two have in common, whatever stands between. */
function keptOf(before: readonly Placed[], after: readonly Placed[]): ReadonlyMap<Placed, Placed> {
  const places = new Map<string, Placed[]>();
  for (const one of before) {
    const alike = places.get(one.identity);
    if (alike) alike.push(one);
    else places.set(one.identity, [one]);
  }
  const pairs = after.flatMap((one) => {
    const other = places.get(one.identity)?.shift();
    return other === undefined ? [] : [[other, one] as const];
  });
  return new Map(
    longestRising(pairs, ([{ rank }]) => rank).flatMap(([one, other]) => [
      [one, other],
      [other, one],
    ]),
  );
}

/** Of a list, as many as there are of which each is larger than the one before. */
function longestRising<T>(list: readonly T[], size: (of: T) => number): readonly T[] {
  interface Link {
    readonly of: T;
    readonly size: number;
    readonly before: Link | undefined;
  }
  /** The smallest end of a row of each length. */
  const ends: Link[] = [];
  for (const of of list) {
    const own = size(of);
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle]?.size ?? own) < own) low = middle + 1;
      else high = middle;
    }
    ends[low] = { of, size: own, before: ends[low - 1] };
  }
  const found: T[] = [];
  for (let link = ends.at(-1); link !== undefined; link = link.before) found.push(link.of);
  return found.reverse();
}
