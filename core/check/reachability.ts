/** What a change of the configuration opens and closes: who may reach what, and could not before. */
import type { Path } from '../config/finding.ts';
import type { Config, RouteConfig } from '../config/schema/index.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { fitsHost } from '../routing/hosts.ts';
import { byPrecedence } from '../routing/precedence.ts';
import type { Route } from '../routing/route.ts';
import { type Identity, identities } from './reach/callers.ts';
import { bearing } from './reach/effects.ts';
import { openings } from './reach/gateways.ts';
import { meetings, OTHER_METHOD } from './reach/meetings.ts';
import { type Catalogue, type CompiledRoutes, place } from './reach/placed.ts';
import { type Circumstances, judge } from './reach/verdict.ts';
import { atOnce, inTurns, type Work } from './turns.ts';

/** The dangerous ones first. */
export const reachabilityKinds = [
  'newly-anonymous',
  'newly-public',
  'newly-callable',
  'wider',
  'elsewhere',
  'no-longer-anonymous',
  'no-longer-public',
  'no-longer-callable',
  'narrower',
] as const;
export type ReachabilityKind = (typeof reachabilityKinds)[number];

export interface ReachabilityChange {
  /**
   * `newly-anonymous`: anybody may, and before nobody, or only users. `newly-public`: the public gateway had no route for it.
   * `newly-callable`: a caller may that could not. `wider`: less is asked or held back. `elsewhere`: it goes to another
   * service or path. The others: the same, the other way round; `narrower` only where more is asked of users.
   */
  readonly kind: ReachabilityKind;
  /** Whether somebody can do what nobody of that kind could before: the first five kinds. */
  readonly wider: boolean;
  readonly gateway: 'public' | 'private';
  /** The route that takes these requests now, or did before where the kind says that something is over; `*` for all. */
  readonly route: string;
  readonly hosts: readonly string[];
  /** `*` alone: every method; beside others: every method that no route of the gateway names. */
  readonly methods: readonly string[];
  /** As a template: of the narrower one of the two routes that took and take it. */
  readonly path: string;
  readonly who: string;
  /** In words, what was and is. */
  readonly says: string;
  /** Where in the configuration that the route is of. */
  readonly place: Path;
}

/**
 * Compares what two configurations do with every request, gateway by gateway: not the routes by their names, but which of them
 * take the same requests, with precedence, hosts, methods and what other routes hide. A request that the one refuses somebody
 * and the other lets in is covered by a change that is `wider`; the same route under another name is none.
 *
 * It errs on one side only. Regular expressions and conditions are taken to match any mixture of texts that plain values do not
 * rule out, so a door may be named that no request goes through. Where too many routes take too many of the same requests to tell
 * them apart, each is taken to be there anew.
 *
 * It cannot see: what files hold that the configuration names (contracts, keys, filter modules), what services and registries do,
 * who has which token or certificate, other addresses of a service that keeps its name, answers given from a cache, and refusals
 * that are not about who asks for what: limits of size and time, overload, ambiguous and overlong targets.
 */
export const reachability = (before: Config, after: Config): readonly ReachabilityChange[] => atOnce(compare(before, after));

/** The same, for a process that has other things to do meanwhile. */
export const reachabilityInTurns = (before: Config, after: Config): Promise<readonly ReachabilityChange[]> =>
  inTurns(compare(before, after));

function* compare(before: Config, after: Config): Work<readonly ReachabilityChange[]> {
  const compiled: CompiledRoutes = new Map();
  const all = everything(before, after).concat(
    yield* throughGateway('public', before, after, compiled),
    yield* throughGateway('private', before, after, compiled),
  );
  const rank = ({ kind }: ReachabilityChange) => reachabilityKinds.indexOf(kind);
  return all.sort((a, b) => rank(a) - rank(b) || a.gateway.localeCompare(b.gateway) * -1);
}

function everything(before: Config, after: Config): ReachabilityChange[] {
  return openings(before, after).map((opening) => ({
    kind: 'wider',
    wider: true,
    route: '*',
    hosts: ['*'],
    methods: ['*'],
    path: '/*',
    ...opening,
  }));
}

interface Pair {
  readonly before: Route | null;
  readonly after: Route | null;
  readonly methods: Set<string>;
}

function* throughGateway(gateway: Gateway, before: Config, after: Config, compiled: CompiledRoutes): Work<readonly ReachabilityChange[]> {
  const placement = yield* place(catalogue(gateway, before), catalogue(gateway, after), compiled);
  const named = new Set([...placement.before, ...placement.after].flatMap(({ route: { methods } }) => [...(methods ?? [])]));
  const pairs = new Map<Route | null, Map<Route | null, Pair>>();
  const pairOf = (one: Route | null, other: Route | null): Pair => {
    const own = pairs.get(one) ?? new Map<Route | null, Pair>();
    pairs.set(one, own);
    const pair = own.get(other) ?? { before: one, after: other, methods: new Set() };
    own.set(other, pair);
    return pair;
  };
  yield* meetings(placement, (meeting) => pairOf(meeting.before, meeting.after).methods.add(meeting.method));
  // What was kept does the same, where all that bears on it is the same.
  if (bearing(gateway, before) !== bearing(gateway, after)) {
    for (const one of placement.before) {
      yield;
      const other = placement.kept.get(one);
      if (other === undefined) continue;
      const { methods } = pairOf(one.route, other.route);
      for (const method of one.route.methods ?? [OTHER_METHOD, ...named]) methods.add(method);
    }
  }
  const identical = gateway === 'private' ? yield* identities(before.private, after.private) : [];
  const turned = identical.map(({ from, ...one }) => ({ from, before: one.after, after: one.before }));
  const all = [...pairs.values()].flatMap((own) => [...own.values()]);
  const reversed = all.map((pair) => ({ ...pair, before: pair.after, after: pair.before }));
  const opened = yield* changesOf({ gateway, before, after, callers: callersBy(identical), reversed: false }, all, named);
  const turnedAround = { gateway, before: after, after: before, callers: callersBy(turned), reversed: true };
  return opened.concat(yield* changesOf(turnedAround, reversed, named));
}

/** Changes of one kind that are told apart of one route; beyond them there is one for all of the rest. */
const MOST_OF_ONE = 20;

const callersBy = (all: readonly Identity[]) => Map.groupBy(all, ({ after }) => after);

/** @param named methods that some route names */
function* changesOf(circumstances: Circumstances, pairs: readonly Pair[], named: ReadonlySet<string>): Work<ReachabilityChange[]> {
  const merged = new Map<string, { change: ReachabilityChange; hosts: Set<string>; methods: Set<string>; times: number }>();
  const paths = new Map<string, number>();
  for (const { before, after, methods } of pairs) {
    yield;
    if (after === null) continue;
    const { host, path } = narrower(before, after);
    for (const { kind, who, says } of judge(circumstances, before, after)) {
      const { config } = after;
      const whole = JSON.stringify([kind, config.name]);
      const apart = JSON.stringify([kind, config.name, path, who, says]);
      const count = paths.get(whole) ?? 0;
      const key = merged.has(apart) || count < MOST_OF_ONE ? apart : whole;
      if (!merged.has(key)) paths.set(whole, count + 1);
      const one = merged.get(key) ?? {
        change: changeOf(circumstances.gateway, circumstances.after, config, {
          kind,
          path: key === whole ? after.template : path,
          who,
          says,
        }),
        hosts: new Set(),
        methods: new Set(),
        times: 0,
      };
      merged.set(key, one);
      one.times += key === whole ? 1 : 0;
      one.hosts.add(host ?? '*');
      for (const method of methods) one.methods.add(method);
    }
  }
  return [...merged.values()].map(({ change, hosts, methods, times }) => ({
    ...change,
    says: times > 1 ? `${change.says}; and ${times - 1} more of this kind` : change.says,
    hosts: hosts.has('*') ? ['*'] : [...hosts].sort(),
    methods: methods.has(OTHER_METHOD) && methods.isSupersetOf(named) ? [OTHER_METHOD] : [...methods].sort(),
  }));
}

type Said = Pick<ReachabilityChange, 'kind' | 'path' | 'who' | 'says'>;

type Gateway = Circumstances['gateway'];

function changeOf(gateway: Gateway, config: Config, route: RouteConfig, said: Said): ReachabilityChange {
  const index = config.routes.indexOf(route);
  const wider = reachabilityKinds.indexOf(said.kind) <= reachabilityKinds.indexOf('elsewhere');
  return {
    ...said,
    wider,
    gateway,
    route: route.name,
    hosts: [],
    methods: [],
    place: index === -1 ? [gateway, 'openapi'] : ['routes', index],
  };
}

/** The document of what is exposed, where the gateway gives it itself, goes before all routes. */
function catalogue(gateway: Gateway, { [gateway]: settings, routes, private: { callers } }: Config): Catalogue {
  const { openapi } = settings;
  const expose = gateway === 'public' ? { public: { access: 'anonymous' as const } } : { private: { callers: Object.keys(callers) } };
  const own: RouteConfig = { name: 'the OpenAPI document', match: { path: openapi ?? '/', methods: ['GET'] }, expose, priority: 'normal' };
  return { routes: exposedThrough(gateway, routes), ahead: openapi === undefined ? [] : [own] };
}

/** What the requests have in common that both routes take: the narrower host, the narrower path. */
function narrower(before: Route | null, after: Route): { readonly host: string | null; readonly path: string } {
  if (before === null) return { host: after.host, path: after.template };
  const narrow = before.host !== null && fitsHost(after.host, before.host) ? before.host : after.host;
  const first = byPrecedence({ ...before, host: null }, { ...after, host: null }) <= 0 ? before : after;
  return { host: narrow, path: first.template };
}
