/**
 * Who did what lately, what came of it and how long it took: by route, service, endpoint, and user or calling service. It outlives
 * every snapshot, and what is there no more fades out with its windows. Nothing here grows by what clients send.
 */
import { Figures, type FiguresReport, type Occurrence } from './figures.ts';
import { LatencySum } from './latencies.ts';
import { RollingSlices, type Window } from './rolling-slices.ts';
import type { Slice } from './slice.ts';

/** A request of a client's, as it ended. */
export interface RequestOccurrence extends Occurrence {
  readonly route: string | undefined;
  /** The user's name, or the calling service's; undefined for the anonymous. */
  readonly principal: string | undefined;
}

/** Characters of a name; what is longer is cut. */
const LONGEST = 128;

export interface Named extends FiguresReport {
  readonly name: string;
}

interface Common {
  readonly window: Window;
  readonly total: FiguresReport;
  /** Those that had a request, the busiest first; so everywhere here. */
  readonly routes: readonly Named[];
  readonly services: readonly Named[];
  readonly endpoints: readonly (FiguresReport & { readonly service: string; readonly endpoint: string })[];
  /** Routes by the 99th percentile, in milliseconds. */
  readonly slowest: readonly { readonly name: string; readonly p99: number }[];
  /** Calls: from the calling service, or from `users` or `anonymous`. */
  readonly traffic: readonly { readonly from: string; readonly service: string; readonly requests: number; readonly errors: number }[];
}

/** Of the public gateway the users who came most, of the private one its callers. */
export type StatisticsReport =
  | (Common & {
      readonly users: readonly Named[];
      /** How many requests at most the figures of any one user lack: 0 while all that came have been kept apart. */
      readonly usersLack: number;
    })
  | (Common & { readonly callers: readonly Named[] });

export interface Statistics {
  /** One request of a client's is over. */
  request(occurrence: RequestOccurrence, now: number): void;
  /** One call to a service is over, with all its tries. @param from the calling service, or `users` or `anonymous` */
  call(service: string, from: string, occurrence: Occurrence, failed: boolean, now: number): void;
  /** One try is over. @param key as `endpointKey` makes it */
  attempt(key: string, occurrence: Occurrence, now: number): void;
  /**
   * @param top how many users, and slowest routes
   * @param calls whether services and endpoints are told, which each cost as much as routes
   */
  report(window: Window, top: number, now: number, calls?: boolean): StatisticsReport;
}

/** Neither a service's name nor an address has a space. */
export const endpointKey = (service: string, authority: string): string => `${service} ${authority}`;

/** @param principals who comes to this gateway @param now milliseconds of a clock that never goes back, as everywhere here */
export function createStatistics(principals: 'users' | 'callers', now: number): Statistics {
  const rolling = new RollingSlices(now);
  const latencies = new LatencySum();
  return {
    request(occurrence, now) {
      const { route, principal } = occurrence;
      const slice = rolling.at(now);
      slice.total.record(occurrence);
      if (route !== undefined) slice.routes.of(route).record(occurrence);
      if (principal !== undefined) slice.principals.of(short(principal)).record(occurrence);
    },

    call(service, from, occurrence, failed, now) {
      const slice = rolling.at(now);
      slice.services.of(service).record(occurrence);
      slice.flow(from, service, 1, failed ? 1 : 0);
    },

    attempt(key, occurrence, now) {
      rolling.at(now).endpoints.of(key).record(occurrence);
    },

    report(window, top, now, calls = true) {
      const { slices, span } = rolling.look(window, now);
      const reported = (parts: readonly Figures[]) => Figures.report(parts, span / 1_000, latencies);
      const all = (kind: Kind, most?: number): Named[] =>
        busiest(slices, kind, most).map(({ name, parts }) => ({ name, ...reported(parts) }));
      const routes = all('routes');
      const common = {
        window,
        total: reported(slices.map(({ total }) => total)),
        routes,
        services: calls ? all('services') : [],
        endpoints: (calls ? all('endpoints') : []).map(({ name, ...figures }) => {
          const [service = '', endpoint = ''] = name.split(' ');
          return { service, endpoint, ...figures };
        }),
        slowest: slowest(routes, top),
        traffic: flows(slices),
      };
      if (principals === 'callers') return { ...common, callers: all('principals') };
      return { ...common, users: all('principals', top), usersLack: slices.reduce((sum, { missing }) => sum + missing, 0) };
    },
  };
}

type Kind = 'routes' | 'services' | 'endpoints' | 'principals';

interface Found {
  readonly name: string;
  readonly parts: Figures[];
  requests: number;
}

/** The figures of each name in every slice that has some, of those with the most requests. */
function busiest(slices: readonly Slice[], kind: Kind, most = Number.POSITIVE_INFINITY): readonly Found[] {
  const found = new Map<string, Found>();
  for (const slice of slices) {
    for (const { name, figures } of slice[kind].places) {
      let one = found.get(name);
      if (!one) {
        one = { name, parts: [], requests: 0 };
        found.set(name, one);
      }
      one.parts.push(figures);
      one.requests += figures.requests;
    }
  }
  return [...found.values()].sort((one, other) => other.requests - one.requests || inOrder(one.name, other.name)).slice(0, most);
}

function slowest(routes: readonly Named[], top: number): { name: string; p99: number }[] {
  return routes
    .flatMap(({ name, p99 }) => (p99 === null ? [] : [{ name, p99 }]))
    .sort((one, other) => other.p99 - one.p99)
    .slice(0, top);
}

function flows(slices: readonly Slice[]): StatisticsReport['traffic'] {
  const sums = new Map<string, Map<string, { from: string; service: string; requests: number; errors: number }>>();
  for (const { traffic } of slices) {
    for (const [from, flows] of traffic) {
      const sumsFrom = sums.get(from) ?? new Map();
      sums.set(from, sumsFrom);
      for (const [service, { requests, errors }] of flows) {
        const sum = sumsFrom.get(service) ?? { from, service, requests: 0, errors: 0 };
        sumsFrom.set(service, sum);
        sum.requests += requests;
        sum.errors += errors;
      }
    }
  }
  return [...sums.values()]
    .flatMap((flows) => [...flows.values()])
    .sort((one, other) => other.requests - one.requests || inOrder(one.service, other.service) || inOrder(one.from, other.from));
}

function inOrder(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

/** Copied: a piece of a text keeps all of it. */
function short(name: string): string {
  return name.length <= LONGEST ? name : Buffer.from(name.slice(0, LONGEST)).toString();
}
