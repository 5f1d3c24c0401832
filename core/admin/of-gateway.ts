/** The admin side of one gateway: its port, the dashboard, what was in force before, and the token, made of what runs. */
import { join, resolve } from 'node:path';
import type { Profile, Surroundings } from '../profile.ts';
import type { InForce } from '../reload/candidate.ts';
import type { Reloading } from '../reload/reloading.ts';
import { history } from '../revisions/history.ts';
import { type AdminServer, createAdminServer } from './admin.ts';
import { createSource } from './api/source.ts';
import { createDashboard } from './dashboard.ts';
import type { Health } from './health.ts';
import { tokenOf } from './token.ts';

export interface AdminSideParts {
  readonly profile: Profile;
  readonly surroundings: Surroundings;
  readonly health: Health;
  readonly inForce: InForce;
  readonly reloading: Reloading;
  /** Of the registry that the gateway runs. */
  readonly registryUrl: string | undefined;
}

export interface AdminSide {
  readonly server: AdminServer;
  /** Makes the token, unless there is one. By the time that it is told where the gateway listens; not by one that cannot. */
  makeToken(): void;
  /** Keeps the configuration as it is now among those of before. */
  record(): void;
  close(): void;
}

export function adminSide({ profile, surroundings, health, inForce, reloading, registryUrl }: AdminSideParts): AdminSide {
  const { telemetry, statistics, log, clock, random, pressure, store, recent } = surroundings;
  const { logger } = log;
  const { config, directory } = inForce.loaded;
  const kept = config.registry.lastKnown ? resolve(directory, config.registry.lastKnown) : undefined;
  const revisions = history(kept && join(kept, 'revisions'));
  const source = createSource({ reloading, history: revisions, gateway: profile.name, now: () => clock.epoch() });
  const token = tokenOf(() => profile.settings(inForce.loaded.config).admin.token, kept, logger);
  const services = () => Array.from(inForce.snapshot.services.values(), ({ view }) => view);
  const discoveries = () => inForce.snapshot.discoveries();
  const revision = () => inForce.snapshot.revision;
  const [levels] = telemetry.instruments.registries;
  const dashboard = createDashboard({
    profile,
    clock,
    random,
    pressure,
    health,
    loaded: () => inForce.loaded,
    services,
    discoveries,
    report: (window, top, now) => statistics.report(window, top, now, false),
    reload: () => reloading.status,
    peerToken: token,
    registry: registryUrl && levels ? { url: registryUrl, levels } : undefined,
  });
  const server = createAdminServer({
    health,
    scrape: telemetry.scrape,
    logger,
    clock,
    store,
    stats: (window, top) => ({ gateway: profile.name, revision: revision(), ...statistics.report(window, top, clock.now()) }),
    services,
    discoveries,
    openapi: () => inForce.snapshot.openapi(),
    dashboard,
    // Where it listens is as it was at the start.
    guard: { host: profile.settings(config).admin.host, token },
    api: { reloading, history: revisions, source },
    explain: (request) => inForce.snapshot.explain(request),
    revision,
    recent,
  });
  return {
    server,
    makeToken: () => void token(),
    // Where it cannot be written beside the file, nothing is changed by us either.
    record: () => void source.record().catch(() => {}),
    close() {
      dashboard.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
