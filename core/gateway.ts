/** One running gateway: load, build, listen, drain. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressSet } from './address/address-set.ts';
import { createAdminServer } from './admin/admin.ts';
import { createDashboard } from './admin/dashboard.ts';
import { ask, type Health } from './admin/health.ts';
import { Store } from './cache/store.ts';
import { type Clock, type Random, systemClock } from './clock.ts';
import type { LoadedConfig } from './config/load.ts';
import { createEmbeddedRegistry } from './eureka/embedded.ts';
import { loadFilters } from './filter/check.ts';
import { reloadFilters } from './filter/reload.ts';
import { isStray, readable } from './filter/stray.ts';
import { watchFiles } from './filter/watch.ts';
import type { Profile } from './profile.ts';
import { type Registration, startRegistration } from './registry/eureka-registration.ts';
import { eurekaServers } from './registry/sources.ts';
import type { RegistryView } from './registry/view.ts';
import { drainable } from './server/drain.ts';
import { createGatewayServer, listenOn } from './server/listen.ts';
import { buildSnapshot } from './snapshot.ts';
import { createLog } from './telemetry/logger.ts';
import { measurePressure, type Pressure } from './telemetry/pressure.ts';
import { startTelemetry } from './telemetry/sdk.ts';
import { createStatistics } from './telemetry/statistics.ts';

export interface RunningGateway {
  /** Where it is called, e.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where its admin port is. */
  readonly admin: string;
  /** The embedded registry, where this gateway runs it. */
  readonly registry?: { readonly url: string; readonly view: RegistryView };
  /** Loads filters anew that have changed; resolves with whether all will do, and otherwise those of before stay. */
  reloadFilters(): Promise<boolean>;
  /** Tells of a failure that nobody waited for, if a user's filter left it behind; whether it did. */
  strayed(error: unknown): boolean;
  /** Stops gracefully; resolves with the number of requests that had to be cut. */
  drain(): Promise<number>;
  /** Stops now. */
  stop(): Promise<void>;
}

export interface GatewayOptions {
  clock?: Clock;
  random?: Random;
  /** The file descriptor of the log; standard output otherwise. */
  logTo?: number;
  /** In place of a measurement. */
  pressure?: Pressure;
}

/** @throws the system's error when a port is taken or a file of the configuration cannot be read */
export async function startGateway(profile: Profile, loaded: LoadedConfig, options: GatewayOptions = {}): Promise<RunningGateway> {
  const { clock = systemClock, random = Math.random, logTo = 1 } = options;
  const { config, directory } = loaded;
  const settings = profile.settings(config);
  // Before all else: a filter that does not load is a fault of the configuration.
  const filterModules = await loadFilters(loaded);
  const pressure =
    options.pressure ??
    measurePressure(settings.overload, (overloaded, level) =>
      logger[overloaded ? 'warn' : 'info']({ event: 'overload', overloaded, level: Math.round(level * 100) / 100 }),
    );
  const telemetry = startTelemetry(profile.name, randomUUID(), config.telemetry, pressure);
  const log = createLog(profile.name, telemetry.exportLine, logTo);
  const { logger } = log;
  const statistics = createStatistics(profile.section === 'public' ? 'users' : 'callers', clock.now());
  const store = new Store(settings.cache);
  telemetry.instruments.caches.add(store);

  const { embedded } = config.registry;
  const registry =
    embedded && profile.registrants
      ? createEmbeddedRegistry({
          config: embedded,
          admits: addressSet(profile.registrants(config)),
          alsoAt: config.registry.eureka,
          clock,
          random,
          logger,
          instruments: telemetry.instruments,
        })
      : undefined;
  const health: Health = {
    started: false,
    draining: false,
    get registryReady() {
      return registry?.ready;
    },
  };
  /** All that runs before there is a snapshot. */
  const silence = async () => {
    filterModules.close();
    await registry?.close();
    pressure.stop();
    await telemetry.shutdown().catch((error) => logger.warn({ event: 'telemetry-unsent', err: error }));
    await log.close();
  };
  // First of all, for the services that are found in it ask at once.
  const registryUrl = await registry?.listen().catch(async (error) => {
    await silence();
    throw error;
  });

  const snapshot = buildSnapshot(profile, loaded, { telemetry, statistics, log, clock, random, pressure, store }, filterModules);
  const reload = reloadFilters({ modules: filterModules, loaded, logger });
  const watching = watchFiles(() => filterModules.files, reload, logger);
  const server = createGatewayServer({
    settings,
    directory,
    handle: (req: IncomingMessage, res: ServerResponse, upgradeHead?: Buffer) => {
      connections.track(req, res);
      snapshot.handle(req, res, upgradeHead).catch((error) => {
        logger.error({ event: 'pipeline-fault', err: error });
        res.destroy();
      });
    },
    onRefused: (reason) => telemetry.instruments.rejectedConnections.add(1, { reason }),
  });
  const connections = drainable(server);
  const services = () => Array.from(snapshot.services.values(), ({ view }) => view);
  const discoveries = () => snapshot.discoveries();
  const [registryLevels] = telemetry.instruments.registries;
  const dashboard = createDashboard({
    profile,
    clock,
    random,
    pressure,
    health,
    loaded: () => loaded,
    services,
    discoveries,
    report: (window, top, now) => statistics.report(window, top, now),
    registry: registryUrl && registryLevels ? { url: registryUrl, levels: registryLevels } : undefined,
  });
  const admin = createAdminServer({
    health,
    scrape: telemetry.scrape,
    logger,
    clock,
    store,
    stats: (window, top) => ({ gateway: profile.name, revision: snapshot.revision, ...statistics.report(window, top, clock.now()) }),
    services,
    discoveries,
    openapi: () => snapshot.openapi(),
    dashboard,
  });

  /** Once it listens, where it is to be found by its name. */
  let registration: Registration | undefined;

  const release = async () => {
    watching.close();
    dashboard.close();
    await registration?.cancel();
    admin.closeAllConnections();
    admin.close();
    // The last that is told of services is how they were before they are closed.
    const told = telemetry.sendMetrics().catch(() => {});
    await snapshot.close();
    await Promise.all([told, silence()]);
  };

  try {
    const adminUrl = `http://${await listenOn(admin, settings.admin)}`;
    const url = `${settings.listen.tls ? 'https' : 'http'}://${await listenOn(server, settings.listen)}`;
    health.started = true;
    logger.info({ event: 'listening', url, admin: adminUrl, registry: registryUrl, revision: loaded.revision, pid: process.pid });
    log.write();
    const isReady = () => ask('readyz', health, snapshot.discoveries()).ok;
    const servers = config.registry.eureka || !registryUrl ? eurekaServers(config.registry) : [registryUrl];
    registration = startRegistration({ settings, url, adminUrl, servers }, { isReady, clock, random, logger });
    return {
      url,
      admin: adminUrl,
      ...(registry && registryUrl ? { registry: { url: registryUrl, view: registry.view } } : {}),
      reloadFilters: () => reload().finally(() => watching.follow()),
      strayed(error) {
        const stray = isStray(error, filterModules);
        if (stray) logger.error({ event: 'filter-strayed', err: readable(error) });
        return stray;
      },
      async drain() {
        health.draining = true;
        // While it still accepts, that who finds it by its name stops coming first.
        await registration?.cancel();
        const cut = await connections.drain(settings.drain, () => {
          registry?.drain();
          logger.info({ event: 'draining', ...settings.drain });
          log.write();
        });
        logger.info({ event: 'drained', cut });
        await release();
        return cut;
      },
      async stop() {
        connections.destroy();
        await release();
      },
    };
  } catch (error) {
    connections.destroy();
    await release();
    throw error;
  }
}
