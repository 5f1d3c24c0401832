/** The state of one gateway as the dashboard draws it: one plain object, names as keys, so that only what changed need be told. */
import type { Clock } from '../clock.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import { describeServices } from '../config/service-references.ts';
import type { Profile } from '../profile.ts';
import type { ReloadStatus } from '../reload/reloading.ts';
import { describePrivate, describePublic, exposedThrough } from '../routing/exposure.ts';
import type { FiguresReport } from '../telemetry/figures.ts';
import type { RegistryLevels } from '../telemetry/levels.ts';
import type { Pressure } from '../telemetry/pressure.ts';
import type { StatisticsReport } from '../telemetry/statistics.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { version } from '../version.ts';
import { rounded } from './figures.ts';
import { ask, type Discoveries, type Health } from './health.ts';
import { servicesState } from './services-state.ts';
import type { JsonObject } from './state-change.ts';

/** Users or callers, and lines of the graph, that are told. */
const TOP = 20;
const MOST_TRAFFIC = 60;

/** Changes lately, lines that say what each was, and findings of a reload that failed. */
const MOST_CHANGES = 20;
const MOST_LINES = 8;

export interface StateParts {
  readonly profile: Pick<Profile, 'name' | 'section'>;
  readonly clock: Clock;
  readonly pressure: Pick<Pressure, 'level'>;
  readonly health: Health;
  /** The configuration in force. */
  loaded(): LoadedConfig;
  services(): readonly ServiceView[];
  discoveries(): Discoveries;
  /** The registry that the gateway runs, and where its page is. */
  readonly registry?: { readonly url: string; readonly levels: Pick<RegistryLevels, 'statuses' | 'applications' | 'renewals'> } | undefined;
  report?(window: '10s', top: number, now: number): StatisticsReport;
  reload?(): ReloadStatus;
}

/** The share of the time that goes into them, and the milliseconds that they stay, whatever they cost: as long as they are of. */
const SHARE = 1 / 1000;
const OLDEST = 10_000;

/** Milliseconds since 1970 at which the process began. */
const started = Math.round(performance.timeOrigin);

export function gatewayState(parts: StateParts): () => JsonObject {
  const { profile, clock, pressure, health } = parts;
  const services = servicesState(clock, parts.services);
  const figures = figuresAtTheirPace(parts);
  return () => {
    const now = clock.now();
    const loaded = parts.loaded();
    const { ok, checks } = ask('readyz', health, parts.discoveries());
    return {
      gateway: profile.name,
      postern: version,
      revision: loaded.revision,
      at: Math.round(clock.epoch()),
      started,
      ready: { ok, failing: checks.flatMap(({ ok, name }) => (ok ? [] : [name])) },
      overload: Math.round(pressure.level() * 100) / 100,
      services: services(now),
      ...figures(loaded, now),
      registry: registryOf(parts),
      reload: parts.reload && reloadOf(parts.reload()),
    };
  };
}

/**
 * The statistics of a thousand routes are a work of milliseconds: they are asked for as often as costs next to nothing, and what they
 * said last is said until then. Of few routes, that is every time.
 */
function figuresAtTheirPace({ profile, clock, report }: StateParts): (loaded: LoadedConfig, now: number) => JsonObject {
  const described = describer(profile.section);
  let of: LoadedConfig | undefined;
  let due = 0;
  let figures: JsonObject = {};
  let idle = false;
  return (loaded, now) => {
    if (of === loaded && now < due) return figures;
    const began = clock.now();
    const said = report?.('10s', TOP, now);
    const wasIdle = idle && of === loaded;
    idle = said?.total.requests === 0 && said.traffic.length === 0;
    // Where nobody came, and nobody had come before, it is all as it was.
    if (!(idle && wasIdle)) figures = { routes: routesOf(described(loaded), said), ...figuresOf(said) };
    of = loaded;
    due = now + Math.min(OLDEST, (clock.now() - began) / SHARE);
    return figures;
  };
}

/** What stands in the configuration, worked out once for each. */
function describer(section: Profile['section']): (loaded: LoadedConfig) => ReadonlyMap<string, JsonObject> {
  let of: LoadedConfig | undefined;
  let described: ReadonlyMap<string, JsonObject> = new Map();
  return (loaded) => {
    if (of !== loaded)
      described = new Map(exposedThrough(section, loaded.config.routes).map((route) => [route.name, describe(route, section)]));
    of = loaded;
    return described;
  };
}

function describe(route: RouteConfig, section: Profile['section']): JsonObject {
  const { match, expose, cache } = route;
  const limit = expose[section]?.rateLimit;
  return {
    match: `${match.methods?.join(',') ?? '*'} ${match.hosts?.join(',') ?? ''}${match.path ?? `${match.pathPrefix ?? ''}…`}`,
    service: describeServices(route),
    access: section === 'public' ? describePublic(route) : describePrivate(route),
    limit: limit && `${limit.limit} in ${limit.windowMs / 1000} s`,
    cache: cache ? true : undefined,
  };
}

function routesOf(described: ReadonlyMap<string, JsonObject>, report: StatisticsReport | undefined): JsonObject {
  const figures = new Map(report?.routes.map((route) => [route.name, route]));
  return Object.fromEntries(
    Array.from(described, ([name, route]) => {
      const of = figures.get(name);
      return [name, of && of.requests > 0 ? { ...route, ...told(of) } : route];
    }),
  );
}

function figuresOf(report: StatisticsReport | undefined): JsonObject {
  if (!report) return {};
  const { total, traffic } = report;
  const who = 'users' in report ? report.users : report.callers;
  const seconds = total.rate > 0 ? total.requests / total.rate : 10;
  return {
    total: { ...told(total), statuses: total.statuses, errorsBy: total.errors, refusedBy: total.refused },
    who: who.slice(0, TOP).map((one) => ({ name: one.name, ...told(one) })),
    traffic: traffic.slice(0, MOST_TRAFFIC).map(({ from, service, requests, errors }) => ({
      from,
      service,
      rate: rounded(requests / seconds),
      errors: rounded(errors / seconds),
    })),
  };
}

function told({ rate, errors, refused, p50, p90, p99 }: FiguresReport): JsonObject {
  const figure = (value: number | null) => (value === null ? undefined : rounded(value));
  return { rate: rounded(rate), errors: sum(errors), refused: sum(refused), p50: figure(p50), p90: figure(p90), p99: figure(p99) };
}

const sum = (counts: Readonly<Record<string, number>>): number | undefined =>
  Object.values(counts).reduce((all, count) => all + count, 0) || undefined;

function registryOf({ registry }: StateParts): JsonObject | undefined {
  if (!registry) return undefined;
  const { url, levels } = registry;
  const { evicting } = levels.renewals();
  return { url, applications: levels.applications(), evicting, statuses: Object.fromEntries(levels.statuses()) };
}

function reloadOf({ at, ok, cause, findings, needsRestart, changes }: ReloadStatus): JsonObject {
  return {
    at,
    ok,
    cause,
    findings: ok ? [] : findings.slice(0, MOST_LINES).map(({ line, message }) => `line ${line}: ${message}`),
    needsRestart,
    changes: changes.slice(0, MOST_CHANGES).map(({ summary, ...change }) => ({
      ...change,
      summary: summary.length > MOST_LINES ? [...summary.slice(0, MOST_LINES), `and ${summary.length - MOST_LINES} more`] : summary,
    })),
  };
}
