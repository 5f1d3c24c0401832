/** Which routes of two tables take the same requests: where the one stood, the other stands now. */
import { fitsHost } from '../../routing/hosts.ts';
import { shape } from '../../routing/path-template.ts';
import type { Route } from '../../routing/route.ts';
import type { Work } from '../turns.ts';
import { type Candidate, firsts } from './first.ts';
import { anyUnder, mayMeet } from './overlap.ts';
import { type Pattern, pathGroups } from './paths.ts';
import { PATH, type Placed, type Placement } from './placed.ts';

/** Requests of one method and one kind of host that `before` took and `after` takes; null for no route. */
export interface Meeting {
  readonly before: Route | null;
  readonly after: Route | null;
  /** `OTHER_METHOD` for those that no route names. */
  readonly method: string;
  readonly host: string | null;
}

export const OTHER_METHOD = '*';

type Kept = Placement['kept'];
type Pair = readonly [Placed | null, Placed | null];

/** Of those where one at least is news: a route that was kept takes from another that was kept nothing. */
export function* meetings({ before, after, kept }: Placement, found: (meeting: Meeting) => void): Work<void> {
  const isNews = (one: Placed) => !kept.has(one);
  const news = [...before, ...after].filter(isNews);
  if (news.length === 0) return;
  const [then, now] = [yield* near(before, news), yield* near(after, news)];
  const [thenOf, nowOf] = [byHost(then), byHost(now)];
  const seen = new Map<string, readonly Pair[]>();
  for (const host of hostsOf([...then, ...now])) {
    yield;
    const [thenHere, nowHere] = [thenOf(host), nowOf(host)];
    for (const method of methodsOf([...thenHere, ...nowHere])) {
      yield;
      const takes = ({ route: { methods } }: Placed) => methods === null || methods.has(method);
      const [one, other] = [thenHere.filter(takes), nowHere.filter(takes)];
      if (!one.some(isNews) && !other.some(isNews)) continue;
      // Methods and hosts that the same routes take are looked at once.
      const key = [one, other].map((list) => list.map(({ rank }) => rank).join(' ')).join('|');
      const pairs = seen.get(key) ?? (yield* pairsOf(one, other, kept));
      seen.set(key, pairs);
      for (const [past, present] of pairs) found({ before: past?.route ?? null, after: present?.route ?? null, method, host });
    }
  }
}

/** Beyond so many news all routes are near one of them. */
const MANY = 100;

/** Those that some request may be for that is also for a route of the news. */
function* near(list: readonly Placed[], news: readonly Placed[]): Work<readonly Placed[]> {
  if (news.length > MANY) return list;
  const found: Placed[] = [];
  for (const [at, one] of list.entries()) {
    if (at % 64 === 0) yield;
    if (news.some(({ route }) => mayMeet(route, one.route))) found.push(one);
  }
  return found;
}

/** The routes of a host, in order of precedence. */
function byHost(list: readonly Placed[]): (host: string) => readonly Placed[] {
  const named = Map.groupBy(list, ({ route: { host } }) => host);
  const wild = [...named.keys()].filter((host) => host?.startsWith('*.'));
  return (host) => {
    const patterns = [...(host.startsWith('?') ? [] : [host]), ...wild.filter((pattern = null) => fitsHost(pattern, host)), null];
    return patterns.flatMap((pattern = null) => named.get(pattern) ?? []).sort((a, b) => a.rank - b.rank);
  };
}

/** One host of every kind that routes tell apart; no host is empty: that stands for those that no route names. */
const hostsOf = (all: readonly Placed[]): ReadonlySet<string> =>
  new Set(['', ...all.flatMap(({ route: { host } }) => (host === null ? [] : anyUnder(host)))]);

const methodsOf = (all: readonly Placed[]): ReadonlySet<string> =>
  new Set([OTHER_METHOD, ...all.flatMap(({ route: { methods } }) => [...(methods ?? [])])]);

/** Each pair once. */
function* pairsOf(then: readonly Placed[], now: readonly Placed[], kept: Kept): Work<readonly Pair[]> {
  const pairs = new Map<string, Pair>();
  const add = (one: Placed | null, other: Placed | null) => {
    if (pairs.size < MOST_PAIRS && (one === null || other === null || mayMeet(one.route, other.route)))
      pairs.set(`${one?.rank} ${other?.rank}`, [one, other]);
  };
  yield* lookAt(then, now, kept, add);
  if (pairs.size < MOST_PAIRS) return [...pairs.values()];
  return [...then.map((one) => [one, null] as const), ...now.map((one) => [null, one] as const)];
}

type Add = (one: Placed | null, other: Placed | null) => void;

function* lookAt(then: readonly Placed[], now: readonly Placed[], kept: Kept, add: Add): Work<void> {
  const all = [...then, ...now];
  const groups = yield* pathGroups(
    all.flatMap((one) => patternOf(one)),
    // An expression may match any path.
    all.some((one) => !kept.has(one) && one.route.path.kind === 'expression') ? () => true : (one) => !kept.has(one),
  );
  if (groups === undefined) {
    // Too many to look at: whether a path fits counts as one more condition that may hold or not.
    const anywhere = (list: readonly Placed[]) => list.map((one) => candidate(one, kept, conditionsAnywhere(one)));
    yield* firsts(anywhere(then), anywhere(now), add);
    return;
  }
  const expressions = all.filter(({ route }) => route.path.kind === 'expression');
  const looked = new Set<string>();
  const steps = Math.min(MOST_FOR_ONE, Math.max(FEWEST_FOR_ONE, Math.floor(STEPS / groups.length)));
  for (const { path, taken } of groups) {
    yield;
    const here = [...taken, ...expressions].sort((a, b) => a.rank - b.rank).flatMap((one) => on(path, one, kept));
    const key = here.map(({ of: { side, rank }, conditions }) => `${side} ${rank} ${conditions.length}`).join();
    if (looked.has(key)) continue;
    looked.add(key);
    const [one, other] = (['before', 'after'] as const).map((side) => here.filter(({ of }) => of.side === side));
    yield* firsts(one ?? [], other ?? [], add, steps);
  }
}

/** Of one list of routes; what they say takes memory. */
const MOST_PAIRS = 20_000;
/** What the look at one list of routes may cost, and at one group of paths: a table of many conditions holds nobody up. */
const STEPS = 200_000;
const MOST_FOR_ONE = 4096;
const FEWEST_FOR_ONE = 64;

function patternOf(one: Placed): Pattern<Placed>[] {
  const { path } = one.route;
  return path.kind === 'expression' ? [] : [{ kind: path.kind, elements: path.elements, of: one }];
}

const candidate = (of: Placed, kept: Kept, conditions: Placed['conditions']): Candidate<Placed> => ({ of, conditions, kept: kept.has(of) });

function conditionsAnywhere({ route: { path }, conditions }: Placed): Placed['conditions'] {
  if (path.kind === 'expression') return conditions;
  const key = `path ${path.kind} ${shape(path.elements)}`;
  return [{ key, subject: key }, ...conditions];
}

/** The candidate on a path, or on one that is not known; none when its expression does not match that path. */
function on(path: string | undefined, one: Placed, kept: Kept): Candidate<Placed>[] {
  const { path: pattern } = one.route;
  if (pattern.kind !== 'expression' || path === undefined) return [candidate(one, kept, one.conditions)];
  if (!pattern.expression.matches(path, 'target-too-long')) return [];
  const others = one.conditions.filter(({ subject }) => subject !== PATH);
  return [candidate(one, kept, others)];
}
