/** What a change of the configuration opens and closes: who may reach what, and could not before. */
import type { Path } from '../config/finding.ts';
import type { Config, RouteConfig } from '../config/schema/index.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { fitsHost } from '../routing/hosts.ts';
import { byPrecedence } from '../routing/precedence.ts';
import type { Route } from '../routing/route.ts';
import { identities } from './reach/callers.ts';
import { bearing } from './reach/effects.ts';
import { openings } from './reach/gateways.ts';
import { type Catalogue, meetings, methodsNamed, OTHER_METHOD } from './reach/meetings.ts';
import { type Found, judge } from './reach/verdict.ts';

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
 * rule out, so a door may be named that no request goes through.
 *
 * It cannot see: what files hold that the configuration names (contracts, keys, filter modules), what services and registries do,
 * who has which token or certificate, other addresses of a service that keeps its name, answers given from a cache, and refusals
 * that are not about who asks for what: limits of size and time, overload, ambiguous and overlong targets.
 */
export function reachability(before: Config, after: Config): readonly ReachabilityChange[] {
  const opened = (['public', 'private'] as const).flatMap((gateway) => routesOpened(gateway, before, after, false));
  const closed = (['public', 'private'] as const).flatMap((gateway) => routesOpened(gateway, after, before, true));
  const all = everything(before, after).concat(opened, closed);
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

/** @param reversed whether the two have changed places: what opens then is what closes */
function routesOpened(gateway: 'public' | 'private', before: Config, after: Config, reversed: boolean): ReachabilityChange[] {
  const [then, now] = [catalogue(gateway, before), catalogue(gateway, after)];
  const onlyDifferent = bearing(gateway, before) === bearing(gateway, after);
  const callers = gateway === 'private' ? identities(before.private, after.private) : [];
  const verdicts = new Map<Route, Map<Route | null, readonly Found[]>>();
  const merged = new Map<string, { change: ReachabilityChange; hosts: Set<string>; methods: Set<string> }>();
  for (const meeting of meetings({ before: then, after: now, onlyDifferent })) {
    if (meeting.after === null) continue;
    const judged = verdicts.get(meeting.after) ?? new Map<Route | null, readonly Found[]>();
    verdicts.set(meeting.after, judged);
    const found = judged.get(meeting.before) ?? judge({ gateway, before, after, callers, reversed }, meeting.before, meeting.after);
    judged.set(meeting.before, found);
    const { host, path } = narrower(meeting.before, meeting.after);
    for (const { kind, who, says } of found) {
      const { config } = meeting.after;
      const key = JSON.stringify([kind, config.name, path, who, says]);
      const one = merged.get(key) ?? {
        change: changeOf(gateway, after, config, { kind, path, who, says }),
        hosts: new Set(),
        methods: new Set(),
      };
      merged.set(key, one);
      one.hosts.add(host ?? '*');
      one.methods.add(meeting.method);
    }
  }
  const named = methodsNamed(then, now);
  return [...merged.values()].map(({ change, hosts, methods }) => ({
    ...change,
    hosts: hosts.has('*') ? ['*'] : [...hosts].sort(),
    methods: methods.has(OTHER_METHOD) && methods.isSupersetOf(named) ? [OTHER_METHOD] : [...methods].sort(),
  }));
}

type Said = Pick<ReachabilityChange, 'kind' | 'path' | 'who' | 'says'>;

function changeOf(gateway: 'public' | 'private', config: Config, route: RouteConfig, said: Said): ReachabilityChange {
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
function catalogue(gateway: 'public' | 'private', { [gateway]: settings, routes, private: { callers } }: Config): Catalogue {
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
