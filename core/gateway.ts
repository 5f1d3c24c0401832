/** One running gateway: load, build, listen, drain. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressSet } from './address/address-set.ts';
import { ask, type Health, settle } from './admin/health.ts';
import { adminSide } from './admin/of-gateway.ts';
import { Store } from './cache/store.ts';
import { type Clock, type Random, systemClock } from './clock.ts';
import type { LoadedConfig } from './config/load.ts';
import { createEmbeddedRegistry } from './eureka/embedded.ts';
import { loadFilters } from './filter/check.ts';
import { isStray, readable } from './filter/stray.ts';
import { rateLimiters } from './middleware/rate-limiters.ts';
import { RecentRequests } from './middleware/recent-requests.ts';
import { sharedLimiter } from './middleware/shared-limiter.ts';
import type { Profile, Surroundings } from './profile.ts';
import { type Registration, startRegistration } from './registry/eureka-registration.ts';
import { LastKnownFiles } from './registry/last-known-file.ts';
import { eurekaServers } from './registry/sources.ts';
import type { InForce } from './reload/candidate.ts';
import { isStale, keyText } from './reload/files.ts';
import { createReloading } from './reload/reloading.ts';
import { watchFiles } from './reload/watch.ts';
import type { RunningGateway } from './running-gateway.ts';
import { drainable } from './server/drain.ts';
import { createGatewayServer, listenOn } from './server/listen.ts';
import { takeUp } from './server/take-up.ts';
import { readTls } from './server/tls.ts';
import { buildSnapshot, type Outliving } from './snapshot.ts';
import { stateAt } from './state/state.ts';
import { createLog } from './telemetry/logger.ts';
import { measurePressure, type Pressure } from './telemetry/pressure.ts';
import { startTelemetry } from './telemetry/sdk.ts';
import { createStatistics } from './telemetry/statistics.ts';

export interface GatewayOptions {
  clock?: Clock;
  random?: Random;
  /** The file descriptor of the log; standard output otherwise. */
  logTo?: number;
  /** Whose `${NAME}` a reload puts in; that of the process unless given. */
  environment?: NodeJS.ProcessEnv;
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
  const connectState = await stateAt(config.state);
  // Asked for while the registry is still on its way, too.
  let { overload } = settings;
  const pressure =
    options.pressure ??
    measurePressure(
      () => overload,
      (overloaded, level) => logger[overloaded ? 'warn' : 'info']({ event: 'overload', overloaded, level: Math.round(level * 100) / 100 }),
    );
  const telemetry = startTelemetry(profile.name, randomUUID(), config.telemetry, pressure);
  const log = createLog(profile.name, telemetry.exportLine, logTo);
  const { logger } = log;
  const statistics = createStatistics(profile.section === 'public' ? 'users' : 'callers', clock.now());
  const store = new Store(settings.cache);
  telemetry.instruments.caches.add(store);
  const recent = new RecentRequests();

  const { embedded } = config.registry;
  let admitted = addressSet(profile.registrants?.(config) ?? []);
  const registry =
    embedded && profile.registrants
      ? createEmbeddedRegistry({
          config: embedded,
          admits: (address) => admitted(address),
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
    settled: false,
    get registryReady() {
      return registry?.ready;
    },
    get configuration() {
      return reloading.note;
    },
    get state() {
      return state?.note;
    },
  };
  const lastKnown = new LastKnownFiles({ clock, logger });
  const state = connectState?.({ gateway: profile.name, clock, random, logger });
  if (state) telemetry.instruments.states.add(state);
  /** All that runs before there is a snapshot. */
  const silence = async () => {
    filterModules.close();
    await lastKnown.close();
    await registry?.close();
    pressure.stop();
    state?.close();
    await telemetry.shutdown().catch((error) => logger.warn({ event: 'telemetry-unsent', err: error }));
    await log.close();
  };
  // First of all, for the services that are found in it ask at once.
  const registryUrl = await registry?.listen().catch(async (error) => {
    await silence();
    throw error;
  });

  const surroundings: Surroundings = { telemetry, statistics, log, clock, random, pressure, store, recent };
  const outliving: Outliving = {
    surroundings,
    pipeline: profile.pipelines(surroundings),
    limiters: rateLimiters(clock, state && ((name, rate) => sharedLimiter(state, name, rate))),
    lastKnown: (file) => lastKnown.of(file),
    started: config,
  };
  const inForce: InForce = {
    loaded,
    modules: filterModules,
    // Both are read before they are used: what changes in between is found to have changed.
    tls: settings.listen.tls && readTls(settings.listen.tls, directory),
    key: keyText(loaded, profile.section),
    snapshot: buildSnapshot(profile, loaded, outliving, filterModules),
  };
  const server = createGatewayServer({
    settings,
    directory,
    handle: (req: IncomingMessage, res: ServerResponse, upgradeHead?: Buffer) => {
      connections.track(req, res);
      inForce.snapshot.handle(req, res, upgradeHead);
    },
    onRefused: (reason) => telemetry.instruments.rejectedConnections.add(1, { reason }),
  });
  let tls = inForce.tls;
  const reloading = createReloading({
    profile,
    environment: options.environment,
    outliving,
    inForce,
    clock,
    logger,
    instruments: telemetry.instruments,
    onSwap: () => settle(health, inForce.snapshot.discoveries()),
    takeUp(now) {
      takeUp(server, profile.settings(now.loaded.config), now.tls === tls ? undefined : now.tls);
      tls = now.tls;
      overload = profile.settings(now.loaded.config).overload;
      admitted = addressSet(profile.registrants?.(now.loaded.config) ?? []);
      telemetry.sample(now.loaded.config.telemetry.sampling);
    },
    onDone() {
      watching.follow();
      admin.record();
    },
  });
  const watching = watchFiles(
    () => reloading.files,
    () => reloading.reload('file'),
    logger,
  );
  const connections = drainable(server);
  const admin = adminSide({ profile, surroundings, health, inForce, reloading, registryUrl });

  /** Once it listens, where it is to be found by its name. */
  let registration: Registration | undefined;

  const release = async () => {
    watching.close();
    reloading.refuse();
    await registration?.cancel();
    admin.close();
    // The last that is told of services is how they were before they are closed.
    const told = telemetry.sendMetrics().catch(() => {});
    await lastKnown.close();
    await reloading.close();
    await Promise.all([told, silence()]);
  };

  try {
    // Which is soon, however it ends: that counts are shared from the first request on.
    await state?.tried;
    const adminUrl = `http://${await listenOn(admin.server, settings.admin)}`;
    const url = `${settings.listen.tls ? 'https' : 'http'}://${await listenOn(server, settings.listen)}`;
    admin.makeToken();
    health.started = true;
    logger.info({ event: 'listening', url, admin: adminUrl, registry: registryUrl, revision: loaded.revision, pid: process.pid });
    log.write();
    // It may have changed while the gateway started.
    if (isStale(loaded)) void reloading.reload('file');
    const isReady = () => ask('readyz', health, inForce.snapshot.discoveries()).ok;
    const servers = config.registry.eureka || !registryUrl ? eurekaServers(config.registry) : [registryUrl];
    registration = startRegistration({ settings, url, adminUrl, servers }, { isReady, clock, random, logger });
    return {
      url,
      admin: adminUrl,
      ...(registry && registryUrl ? { registry: { url: registryUrl, view: registry.view } } : {}),
      inside: [...admin.server.paths, ...(registry?.paths ?? [])],
      reloading,
      strayed(error) {
        const stray = isStray(error, inForce.modules);
        if (stray) logger.error({ event: 'filter-strayed', err: readable(error) });
        return stray;
      },
      async drain() {
        health.draining = true;
        reloading.refuse();
        const { drain } = profile.settings(inForce.loaded.config);
        // While it still accepts, that who finds it by its name stops coming first.
        await registration?.cancel();
        const cut = await connections.drain(drain, () => {
          registry?.drain();
          logger.info({ event: 'draining', ...drain });
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
