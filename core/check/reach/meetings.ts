/** Which routes of two tables take the same requests: where the one stood, the other stands now. */
import type { RouteConfig } from '../../config/schema/index.ts';
import { compileRoutes } from '../../routing/compile.ts';
import { fitsHost } from '../../routing/hosts.ts';
import { shape } from '../../routing/path-template.ts';
import { byPrecedence } from '../../routing/precedence.ts';
import type { Route } from '../../routing/route.ts';
import { type Candidate, type Condition, firsts } from './first.ts';
import { type Pattern, pathGroups } from './paths.ts';

/** Requests of one method and one kind of host that `before` took and `after` takes; null for no route. */
export interface Meeting {
  readonly before: Route | null;
  readonly after: Route | null;
  /** `OTHER_METHOD` for those that no route names. */
  readonly method: string;
  readonly host: string;
}

export const OTHER_METHOD = '*';

interface Placed {
  readonly route: Route;
  readonly rank: number;
  readonly side: 'before' | 'after';
  /** The path's, for an expression, and those of the predicates. */
  readonly conditions: readonly Condition[];
  /** Equal for routes that do the same with the same requests. */
  readonly identity: string;
}

/** The routes of one gateway. */
export interface Catalogue {
  readonly routes: readonly RouteConfig[];
  /** What goes before all of them, whatever their precedence. */
  readonly ahead: readonly RouteConfig[];
}

export interface MeetingOptions {
  readonly before: Catalogue;
  readonly after: Catalogue;
  /** Whether equal routes are no news, for all else is equal too. */
  readonly onlyDifferent: boolean;
}

export function* meetings({ before, after, onlyDifferent }: MeetingOptions): Generator<Meeting> {
  const then = placed(before, 'before');
  const now = placed(after, 'after');
  const all = [...then, ...now];
  const seen = new Map<string, readonly (readonly [Route | null, Route | null])[]>();
  for (const host of hostsOf(all)) {
    const [thenHere, nowHere] = [then, now].map((list) => list.filter(({ route }) => fitsHost(route.host, host)));
    for (const method of methodsOf([...(thenHere ?? []), ...(nowHere ?? [])])) {
      const takes = ({ route: { methods } }: Placed) => methods === null || methods.has(method);
      const lists = [(thenHere ?? []).filter(takes), (nowHere ?? []).filter(takes)] as const;
      if (onlyDifferent && sameIdentities(lists[0], lists[1])) continue;
      // Methods and hosts that the same routes take are looked at once.
      const key = lists.map((list) => list.map(({ rank }) => rank).join(' ')).join('|');
      const pairs = seen.get(key) ?? [...distinct(lists[0], lists[1], onlyDifferent)];
      seen.set(key, pairs);
      for (const [one, other] of pairs) yield { before: one, after: other, method, host };
    }
  }
}

function placed({ routes, ahead }: Catalogue, side: Placed['side']): readonly Placed[] {
  return [...compileRoutes(ahead), ...[...compileRoutes(routes)].sort(byPrecedence)].map((route, rank) => {
    const { name: _, ...config } = route.config;
    const { path } = route;
    const onPath: Condition[] =
      path.kind === 'expression' && !EVERYTHING.test(path.expression.source)
        ? [{ key: `path ~${path.expression.source}`, subject: PATH }]
        : [];
    return { route, rank, side, conditions: [...onPath, ...conditionsOf(route)], identity: JSON.stringify([route.host, config]) };
  });
}

const PATH = 'path';

/** Expressions that match every path. */
const EVERYTHING = /^\/?\.\*$/;

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

/** One host of every kind that routes tell apart. */
function hostsOf(all: readonly Placed[]): ReadonlySet<string> {
  // No host is empty and no label a question mark: they stand for those that no route names.
  return new Set(['', ...all.flatMap(({ route: { host } }) => (host === null ? [] : host.replace(/^\*/, '?')))]);
}

const methodsOf = (all: readonly Placed[]): ReadonlySet<string> =>
  new Set([OTHER_METHOD, ...all.flatMap(({ route: { methods } }) => [...(methods ?? [])])]);

/** Every method that a route of the one or the other names. */
export const methodsNamed = (...catalogues: readonly Catalogue[]): ReadonlySet<string> =>
  new Set(catalogues.flatMap(({ routes, ahead }) => compileRoutes([...ahead, ...routes]).flatMap(({ methods }) => [...(methods ?? [])])));

const sameIdentities = (one: readonly Placed[], other: readonly Placed[]): boolean =>
  one.length === other.length && one.every(({ identity }, at) => identity === other[at]?.identity);

/** Each pair once. */
function* distinct(
  then: readonly Placed[],
  now: readonly Placed[],
  onlyDifferent: boolean,
): Generator<readonly [Route | null, Route | null]> {
  const seen = new Set<string>();
  for (const [one, other] of pairsOf(then, now, onlyDifferent)) {
    const key = `${one?.rank} ${other?.rank}`;
    if (seen.has(key) || (onlyDifferent && one?.identity === other?.identity)) continue;
    seen.add(key);
    yield [one?.route ?? null, other?.route ?? null];
  }
}

function* pairsOf(
  then: readonly Placed[],
  now: readonly Placed[],
  onlyDifferent: boolean,
): Generator<readonly [Placed | null, Placed | null]> {
  const all = [...then, ...now];
  const news = onlyDifferent ? differing(then, now) : undefined;
  const groups = pathGroups(
    all.flatMap((one) => patternOf(one)),
    (one) => news?.has(one.identity) ?? true,
  );
  if (groups === undefined) {
    // Too many to look at: whether a path fits counts as one more condition that may hold or not.
    yield* firsts(then.map(anywhere), now.map(anywhere));
    return;
  }
  const expressions = all.filter(({ route }) => route.path.kind === 'expression');
  const looked = new Set<string>();
  const steps = Math.min(MOST_FOR_ONE, Math.max(FEWEST_FOR_ONE, Math.floor(STEPS / groups.length)));
  for (const { path, taken } of groups) {
    const here = [...taken, ...expressions].sort((a, b) => a.rank - b.rank).flatMap((one) => on(path, one));
    const [one, other] = (['before', 'after'] as const).map((side) => here.filter(({ of }) => of.side === side));
    if (one === undefined || other === undefined) continue;
    const key = here.map(({ of: { side, rank }, conditions }) => `${side} ${rank} ${conditions.length}`).join();
    if (looked.has(key)) continue;
    looked.add(key);
    if (
      onlyDifferent &&
      sameIdentities(
        one.map(({ of }) => of),
        other.map(({ of }) => of),
      )
    )
      continue;
    const named = (list: typeof one) => (onlyDifferent ? list.map((own) => ({ ...own, identity: own.of.identity })) : list);
    yield* firsts(named(one), named(other), steps);
  }
}

/**
 * What is in one list only: all that there is news of. Undefined, so that all is looked at, when the others do not stand in the
 * same order, or when it is an expression, which may match any path.
 */
function differing(then: readonly Placed[], now: readonly Placed[]): ReadonlySet<string> | undefined {
  const [one, other] = [then, now].map((list) => new Set(list.map(({ identity }) => identity)));
  if (one === undefined || other === undefined || one.size < then.length || other.size < now.length) return undefined;
  const news = one.symmetricDifference(other);
  const [left, right] = [then, now].map((list) => list.filter(({ identity }) => !news.has(identity)));
  if (left === undefined || right === undefined || !sameIdentities(left, right)) return undefined;
  return [...then, ...now].some(({ identity, route }) => route.path.kind === 'expression' && news.has(identity)) ? undefined : news;
}

/** What the look at one list of routes may cost, and at one group of paths: a table of many conditions holds nobody up. */
const STEPS = 200_000;
const MOST_FOR_ONE = 4096;
const FEWEST_FOR_ONE = 64;

function patternOf(one: Placed): Pattern<Placed>[] {
  const { path } = one.route;
  return path.kind === 'expression' ? [] : [{ kind: path.kind, elements: path.elements, of: one }];
}

function anywhere(one: Placed): Candidate<Placed> {
  const { path } = one.route;
  if (path.kind === 'expression') return { of: one, conditions: one.conditions };
  const key = `path ${path.kind} ${shape(path.elements)}`;
  return { of: one, conditions: [{ key, subject: key }, ...one.conditions] };
}

/** The candidate on a path, or on one that is not known; none when its expression does not match that path. */
function on(path: string | undefined, one: Placed): Candidate<Placed>[] {
  const { path: pattern } = one.route;
  if (pattern.kind !== 'expression' || path === undefined) return [{ of: one, conditions: one.conditions }];
  if (!pattern.expression.matches(path, 'target-too-long')) return [];
  return [{ of: one, conditions: one.conditions.filter(({ subject }) => subject !== PATH) }];
}
