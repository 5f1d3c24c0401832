/** Everything compiled from one revision of the configuration: immutable, swapped whole; a request takes it once and keeps it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Koa from 'koa';
import type { LoadedConfig } from './config/load.ts';
import { ownPlaces } from './config/own-places.ts';
import type { Config, ServiceConfig } from './config/schema/index.ts';
import { mirrors, serviceReferences } from './config/service-references.ts';
import { newState, type State } from './context.ts';
import { contractsOf } from './contract/contracts.ts';
import { exposedDocument } from './contract/exposed.ts';
import { type Explanation, explanationOf } from './explain/explanation.ts';
import type { ExplainParts } from './explain/parts.ts';
import type { DescribedRequest } from './explain/request.ts';
import type { FilterModules } from './filter/modules.ts';
import { Counted } from './holds.ts';
import { compose } from './middleware/compose.ts';
import type { Limiters } from './middleware/rate-limiters.ts';
import type { PipelineParts, Profile, Surroundings } from './profile.ts';
import type { LastKnownFile } from './registry/last-known-file.ts';
import { shared } from './registry/shared.ts';
import { askedOf, createSources, type Sources } from './registry/sources.ts';
import { exposedThrough } from './routing/exposure.ts';
import { buildTable } from './routing/table.ts';
import type { Discovery } from './telemetry/levels.ts';
import { createEngine, type Engine } from './upstream/engine.ts';
import { createService, type Service, type ServiceParts } from './upstream/service.ts';
import { keepUpgradeHead } from './upstream/upgrade-head.ts';

export interface Snapshot {
  readonly revision: string;
  readonly services: ReadonlyMap<string, Service>;
  /** What a snapshot that takes its place goes on with. */
  readonly lasting: { readonly engine: Engine; readonly sources: Sources; readonly asked: unknown; readonly zone: string | undefined };
  /** How the endpoints of services are known, where they come and go. */
  discoveries(): ReadonlyMap<string, Discovery>;
  /** The document of what the gateway exposes, as JSON; made when it is first asked for. */
  openapi(): string;
  /** What would become of a request now; nothing is sent, and nothing counted. */
  explain(request: DescribedRequest): Promise<Explanation>;
  /** Serves one request; `upgradeHead` has the bytes behind the head of an upgrade request. */
  handle(req: IncomingMessage, res: ServerResponse, upgradeHead?: Buffer): void;
  /** Takes the place of the one before: what both have goes on, and the rest of that one rests. */
  replace(before: Snapshot): void;
  /** Resolves when no request and nothing behind one needs it any more, and it is closed. */
  retire(): Promise<void>;
  /** Once no connection of a client is left: what is under way still (what is stale is asked for anew, copies) nobody waits for. */
  close(): Promise<void>;
}

/** What outlives every snapshot of a gateway. */
export interface Outliving {
  readonly surroundings: Surroundings;
  readonly pipeline: ReturnType<Profile['pipelines']>;
  readonly limiters: () => Limiters;
  /** The file of this name with the endpoints that were last known. */
  readonly lastKnown: (file: string) => LastKnownFile;
  /** The configuration that the gateway was started with: by it the gateway is where it is, whatever another one says. */
  readonly started: Config;
}

/** @param before whose place it is to take: a service whose configuration is the same is that very object */
export function buildSnapshot(
  profile: Profile,
  loaded: LoadedConfig,
  { surroundings, pipeline, limiters: newLimiters, lastKnown, started }: Outliving,
  filterModules: FilterModules,
  before?: Snapshot,
): Snapshot {
  const { config, directory, revision } = loaded;
  const { telemetry, statistics, log, clock, random } = surroundings;
  const { filters } = profile.settings(config);
  const exposed = exposedThrough(profile.section, config.routes);
  const used = new Set([...exposed.flatMap(serviceReferences), ...mirrors(filters)].map(([, service]) => service));
  const wanted = Object.entries(config.services).filter(([service]) => used.has(service));
  const lasting = lastingOf(profile, loaded, { log, clock, random, lastKnown, started }, before);
  const parts: ServiceParts = {
    ...lasting,
    clock,
    random,
    tracer: telemetry.tracer,
    instruments: telemetry.instruments,
    recorder: statistics,
    logger: log.logger,
    gateway: profile.name,
  };
  const services = servicesOf(wanted, parts, before);

  const contracts = contractsOf(loaded);
  const holds = new Counted();
  const limiters = newLimiters();
  const table = buildTable(exposed);
  let document: string | undefined;
  const openapi = () => {
    document ??= exposedDocument({ section: profile.section, title: profile.name, revision, config, table, contracts });
    return document;
  };

  const koa = new Koa<State>();
  const { name, tellsInternals } = profile;
  const made = { name, tellsInternals, revision, config, directory, table, services, contracts, openapi, filterModules, limiters, holds };
  const leave = () => holds.leave();
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= Promise.all(Array.from(services.values(), (service) => service.close())).then(() => limiters.close());
    return closed;
  };
  const compiled = (): ReturnType<typeof compose> => {
    try {
      return compose(pipeline({ ...surroundings, ...made } satisfies PipelineParts));
    } catch (error) {
      void close();
      throw error;
    }
  };
  // Without Koa's own ending, which costs a listener on every answer: every answer here is written by the pipeline itself.
  const run = compiled();
  const { section } = profile;
  const { store, pressure } = surroundings;
  const live = { services, store, pressure, limiters };
  const explained: ExplainParts = { name, section, loaded, table, filterModules, contracts, clock, live };

  return {
    revision,
    services,
    lasting,
    openapi,
    explain: (request) => explanationOf(profile.explain(explained), explained, request),
    handle(req, res, upgradeHead) {
      if (upgradeHead) keepUpgradeHead(req, upgradeHead);
      holds.enter();
      const ctx = koa.createContext(req, res);
      ctx.state = newState(clock.now());
      run(ctx).then(leave, (error: unknown) => {
        leave();
        log.logger.error({ event: 'pipeline-fault', err: error });
        res.destroy();
      });
    },
    discoveries() {
      const known = Array.from(services, ([service, { discovery }]) => [service, discovery()] as const);
      return new Map(known.flatMap(([service, discovery]) => (discovery ? [[service, discovery]] : [])));
    },
    replace(earlier) {
      for (const [name, service] of earlier.services) if (services.get(name) !== service) service.rest();
      for (const [name, service] of services) if (earlier.services.get(name) !== service) service.begin();
    },
    retire: () => new Promise((resolve) => holds.whenNone(() => resolve(close()))),
    async close() {
      const closing = close();
      for (const service of services.values()) service.cut();
      await closing;
    },
  };
}

type LastingParts = Pick<Surroundings, 'log' | 'clock' | 'random'> & Pick<Outliving, 'lastKnown' | 'started'>;

/** Those before stay where nobody else is asked. Outside, for what closes over the one before keeps it for ever. */
function lastingOf(profile: Profile, loaded: LoadedConfig, parts: LastingParts, before: Snapshot | undefined): Snapshot['lasting'] {
  const { log, clock, random, lastKnown, started } = parts;
  const { embedded, ...others } = loaded.config.registry;
  const own = profile.registrants ? started.registry.embedded : embedded;
  const registry = own ? { ...others, embedded: own } : others;
  const folder = registry.lastKnown;
  const file = folder ? resolve(loaded.directory, folder, `${profile.name}-endpoints.json`) : undefined;
  const places = [...ownPlaces(started), ...ownPlaces(loaded.config)];
  const asked = [askedOf(registry), file, places];
  const known = file ? lastKnown(file) : undefined;
  const sources =
    before && isDeepStrictEqual(before.lasting.asked, asked)
      ? before.lasting.sources
      : shared(createSources(registry, { clock, random, logger: log.logger, lastKnown: known, ownPlaces: places }));
  return { engine: before?.lasting.engine ?? createEngine(), sources, asked, zone: profile.settings(loaded.config).zone };
}

function servicesOf(
  wanted: readonly (readonly [string, ServiceConfig])[],
  parts: ServiceParts,
  before: Snapshot | undefined,
): ReadonlyMap<string, Service> {
  const stay = before?.lasting.sources === parts.sources && before.lasting.zone === parts.zone;
  return new Map(
    wanted.map(([name, given]) => {
      const earlier = before?.services.get(name);
      if (!earlier || !stay || !isDeepStrictEqual(earlier.config, given)) return [name, createService(name, given, parts, earlier)];
      earlier.share();
      return [name, earlier];
    }),
  );
}
