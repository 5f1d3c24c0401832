/** Everything compiled from one revision of the configuration: immutable, swapped whole; a request takes it once and keeps it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import Koa from 'koa';
import compose from 'koa-compose';
import type { LoadedConfig } from './config/load.ts';
import { mirrors, serviceReferences } from './config/service-references.ts';
import type { State } from './context.ts';
import { contractsOf } from './contract/contracts.ts';
import { exposedDocument } from './contract/exposed.ts';
import type { FilterModules } from './filter/modules.ts';
import type { Profile, Surroundings } from './profile.ts';
import { LastKnownFile } from './registry/last-known-file.ts';
import { createSources } from './registry/sources.ts';
import { exposedThrough } from './routing/exposure.ts';
import { buildTable } from './routing/table.ts';
import type { Discovery } from './telemetry/levels.ts';
import { createEngine } from './upstream/engine.ts';
import { createService, type Service, type ServiceParts } from './upstream/service.ts';
import { keepUpgradeHead } from './upstream/upgrade-head.ts';

export interface Snapshot {
  readonly revision: string;
  readonly services: ReadonlyMap<string, Service>;
  /** How the endpoints of services are known, where they come and go. */
  discoveries(): ReadonlyMap<string, Discovery>;
  /** The document of what the gateway exposes, as JSON; made when it is first asked for. */
  openapi(): string;
  /** Serves one request; `upgradeHead` has the bytes behind the head of an upgrade request. Rejects only by a fault of the pipeline. */
  handle(req: IncomingMessage, res: ServerResponse, upgradeHead?: Buffer): Promise<void>;
  /** Once no connection of a client is left: what is under way still (what is stale is asked for anew, copies) nobody waits for. */
  close(): Promise<void>;
}

export function buildSnapshot(profile: Profile, loaded: LoadedConfig, surroundings: Surroundings, filterModules: FilterModules): Snapshot {
  const { config, directory, revision } = loaded;
  const { telemetry, statistics, log, clock, random } = surroundings;
  const exposed = exposedThrough(profile.section, config.routes);
  const { lastKnown: folder } = config.registry;
  const lastKnown = folder
    ? new LastKnownFile(resolve(directory, folder, `${profile.name}-endpoints.json`), { clock, logger: log.logger })
    : undefined;
  const copied = mirrors(profile.settings(config).filters);
  const used = new Set([...exposed.flatMap(serviceReferences), ...copied].map(([, service]) => service));
  const parts: ServiceParts = {
    engine: createEngine(),
    sources: createSources(config.registry, { clock, random, logger: log.logger, lastKnown }),
    clock,
    random,
    tracer: telemetry.tracer,
    instruments: telemetry.instruments,
    recorder: statistics,
    logger: log.logger,
    gateway: profile.name,
    zone: profile.settings(config).zone,
  };
  const services = new Map(
    Object.entries(config.services)
      .filter(([name]) => used.has(name))
      .map(([name, service]) => [name, createService(name, service, parts)]),
  );

  const contracts = contractsOf(loaded);

  const table = buildTable(exposed);
  let document: string | undefined;
  const openapi = () => {
    document ??= exposedDocument({ section: profile.section, title: profile.name, revision, config, table, contracts });
    return document;
  };

  const koa = new Koa<State>();
  // Without Koa's own ending, which costs a listener on every answer: every answer here is written by the pipeline itself.
  const { name, tellsInternals } = profile;
  const run = compose(
    profile.pipeline({ ...surroundings, name, tellsInternals, config, directory, table, services, contracts, openapi, filterModules }),
  );

  return {
    revision,
    services,
    openapi,
    handle(req, res, upgradeHead) {
      if (upgradeHead) keepUpgradeHead(req, upgradeHead);
      return run(koa.createContext(req, res));
    },
    discoveries() {
      const known = Array.from(services, ([service, { discovery }]) => [service, discovery()] as const);
      return new Map(known.flatMap(([service, discovery]) => (discovery ? [[service, discovery]] : [])));
    },
    async close() {
      await lastKnown?.close();
      const closed = [...services.values()].map((service) => service.close());
      for (const service of services.values()) service.cut();
      await Promise.all(closed);
    },
  };
}
