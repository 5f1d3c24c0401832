/** The endpoints of a service as its source has them, and the three that judge them: active checks, outlier ejection, the log. */
import type { Clock, Random } from '../clock.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import { type HealthCheck, startHealthCheck } from '../endpoint/health-check.ts';
import { OutlierDetector } from '../endpoint/outlier.ts';
import { overridden } from '../endpoint/overrides.ts';
import { reconcile } from '../endpoint/reconcile.ts';
import type { Discovered, Failure } from '../registry/source.ts';
import type { Sources } from '../registry/sources.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Discovery } from '../telemetry/levels.ts';
import type { Logger } from '../telemetry/logger.ts';
import { forgetAttempts } from './attempt-telemetry.ts';

export interface Endpoints {
  /** Those of now: the same array until one joins or leaves. Empty before the first answer of the source. */
  readonly endpoints: readonly Endpoint[];
  readonly detector: OutlierDetector<Endpoint>;
  /** Each by its address, and whether it is in the rotation. */
  availability(): readonly { readonly id: string; readonly available: boolean }[];
  /** How they are known; undefined for a fixed list. */
  discovery(): Discovery | undefined;
  /** Asks nobody any more, and resolves when the last try under way is done and its connection closed. */
  close(): Promise<void>;
  /** Waits for no try any longer, behind `close`. */
  cut(): void;
}

export interface EndpointsParts {
  readonly sources: Sources;
  readonly clock: Clock;
  readonly random: Random;
  readonly instruments: Instruments;
  readonly logger: Logger;
}

/** Endpoints of one service, whatever its source says: each costs connections, checks and a metric. */
const MOST = 1_000;

/** Addresses that one line of the log names. */
const NAMED = 20;

export function createEndpoints(service: string, config: ServiceConfig, parts: EndpointsParts): Endpoints {
  const { clock, random, instruments, logger } = parts;
  const labels = { 'gateway.service.name': service };
  const detector = new OutlierDetector<Endpoint>(config.outlier, {
    onEjected({ id }, duration, reason) {
      instruments.endpointEjections.add(1, labels);
      logger.warn({ event: 'endpoint-ejected', service, endpoint: id, reason, forMs: duration });
    },
    onPanic: (panics, available) =>
      logger[panics ? 'warn' : 'info']({ event: 'endpoint-panic', service, panics, available, endpoints: endpoints.length }),
    onReturned: ({ id }) => logger.info({ event: 'endpoint-returned', service, endpoint: id }),
  });
  const checks = new Map<Endpoint, HealthCheck>();
  let endpoints: readonly Endpoint[] = [];

  const join = ({ origin, weight, zone, serverName, priority = 0, healthPath, drain = false }: Discovered): Endpoint => {
    const { timeouts, slowStart = 0 } = config;
    const endpoint = new Endpoint({ url: new URL(origin), weight, zone, serverName, connectTimeout: timeouts.connect, slowStart, clock });
    endpoint.priority = priority;
    endpoint.healthPath = healthPath;
    endpoint.draining = drain;
    check(endpoint);
    return endpoint;
  };

  const check = (endpoint: Endpoint) => {
    const options = config.healthCheck;
    if (!options) return;
    checks.get(endpoint)?.stop();
    const onChange = (healthy: boolean, why: string) => {
      endpoint.healthy = healthy;
      // It comes back as one that is new.
      if (healthy) endpoint.outlier.availableSince = clock.now();
      logger[healthy ? 'info' : 'warn']({ event: 'endpoint-health', service, endpoint: endpoint.id, healthy, why });
    };
    checks.set(
      endpoint,
      startHealthCheck(endpoint, { ...options, path: endpoint.healthPath ?? options.path }, { clock, random, onChange }),
    );
  };

  const leave = (endpoint: Endpoint): Promise<void> => {
    checks.get(endpoint)?.stop();
    checks.delete(endpoint);
    return endpoint.retire();
  };

  /** Its metrics, unless the address is back already: then they go on. */
  const forget = (left: Endpoint) => {
    if (!endpoints.some(({ id }) => id === left.id)) forgetAttempts(instruments, service, left);
  };

  const source = parts.sources.of(service, config);
  let failure: Failure | undefined;
  source.start(() => {
    const change = reconcile(endpoints, overridden(source.answer ?? [], config.overrides), join, MOST);
    if (change.members !== endpoints) {
      endpoints = change.members;
      detector.watch(endpoints, clock.now());
      for (const endpoint of change.left) void leave(endpoint).then(() => forget(endpoint));
      if (!source.fixed) {
        const [joined, left] = [change.joined, change.left].map((some) => some.slice(0, NAMED).map(({ id }) => id));
        const more = { joinedCount: change.joined.length, leftCount: change.left.length, endpoints: endpoints.length };
        logger.info({ event: 'endpoints-changed', service, joined, left, ...more });
      }
    }
    for (const endpoint of change.moved) check(endpoint);
    // One line for each change of state, however often it fails.
    if (source.failure && !failure) logger.warn({ event: 'registry-failing', service, why: source.failure.why, kept: endpoints.length });
    if (!source.failure && failure) logger.info({ event: 'registry-answers', service, afterMs: Math.round(clock.now() - failure.since) });
    failure = source.failure;
  });

  return {
    get endpoints() {
      return endpoints;
    },
    detector,
    availability: () => endpoints,
    discovery() {
      if (source.fixed) return undefined;
      const { answer, answered = answer !== undefined, failure: failing, asOf } = source;
      const failingFor = failing ? (clock.now() - failing.since) / 1000 : 0;
      return { answered, failure: failing?.why, failingFor, asOf, endpoints: endpoints.length };
    },
    cut() {
      for (const endpoint of endpoints) endpoint.cut();
    },
    async close() {
      source.stop();
      await Promise.all(endpoints.map(leave));
    },
  };
}
