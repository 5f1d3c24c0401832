/** The endpoints of a service as its source has them, and the three that judge them: active checks, outlier ejection, the log. */
import type { Clock, Random } from '../clock.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import { Endpoint } from '../endpoint/endpoint.ts';
import { type HealthCheck, startHealthCheck } from '../endpoint/health-check.ts';
import { serverNameOf } from '../endpoint/opener.ts';
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
  /** Takes the place of those before: from now on its word counts for the endpoints that they have in common. */
  begin(): void;
  /** Others have taken its place: nobody is asked any more, and the calls under way go on with what there is. */
  rest(): void;
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

/** @param before whose place it is to take at `begin`: an endpoint with the address of one there is that very object */
export function createEndpoints(service: string, config: ServiceConfig, parts: EndpointsParts, before?: Endpoints): Endpoints {
  const { clock, random, instruments, logger } = parts;
  const earlier = new Map(before?.endpoints.map((endpoint) => [endpoint.url.origin, endpoint]));
  let inForce = before === undefined;
  let resting = false;
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
    const known = earlier.get(origin);
    const isSame = known?.connectTimeout === timeouts.connect && known.serverName === serverNameOf(known.url.hostname, serverName);
    if (known && isSame && known.listed) {
      known.share();
      return known;
    }
    const endpoint = new Endpoint({ url: new URL(origin), weight, zone, serverName, connectTimeout: timeouts.connect, slowStart, clock });
    endpoint.priority = priority;
    endpoint.healthPath = healthPath;
    endpoint.draining = drain;
    check(endpoint);
    return endpoint;
  };

  const check = (endpoint: Endpoint) => {
    const options = config.healthCheck;
    if (!options || !inForce) return;
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

  /** Its metrics, unless the address is back already, or is that of whoever took this place: then they go on. */
  const forget = (left: Endpoint) => {
    const isBack = !resting && endpoints.some(({ id }) => id === left.id);
    if (!left.listed && !isBack && !isKnown(left.id)) forgetAttempts(instruments, service, left);
  };
  const isKnown = (id: string) =>
    [...instruments.services].some((one) => one.name === service && one.endpoints().some((endpoint) => endpoint.id === id));

  const source = parts.sources.of(service, config);
  /** Those before, until a source that is another has answered: it may be that nobody is there yet to answer. */
  const inherited: readonly Discovered[] = source.fixed
    ? []
    : [...earlier.values()].map(({ url: { origin }, fullWeight: weight, priority, zone, serverName, healthPath }) => {
        return { origin, weight, priority, zone, serverName, healthPath };
      });
  /** Those before have the say on it, until this takes their place. */
  const isOthers = (endpoint: Endpoint) => !inForce && earlier.get(endpoint.url.origin) === endpoint;
  let failure: Failure | undefined;
  const update = () => {
    const change = reconcile(endpoints, overridden(source.answer ?? inherited, config.overrides), join, MOST, isOthers);
    if (change.members !== endpoints) {
      endpoints = change.members;
      if (inForce) detector.watch(endpoints, clock.now());
      for (const endpoint of change.left) void leave(endpoint).then(() => forget(endpoint));
      if (!source.fixed && inForce) {
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
  };
  source.start(update);
  if (inherited.length > 0 && source.answer === undefined) update();

  const rest = () => {
    if (resting) return;
    resting = true;
    source.stop();
    for (const one of checks.values()) one.stop();
    checks.clear();
  };

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
    begin() {
      if (inForce) return;
      inForce = true;
      earlier.clear();
      // What the answer says of those who were there already counts from now on.
      update();
      detector.watch(endpoints, clock.now());
      for (const endpoint of endpoints) {
        endpoint.slowStart = config.slowStart ?? 0;
        if (!config.healthCheck) endpoint.healthy = true;
        check(endpoint);
      }
    },
    rest,
    cut() {
      for (const endpoint of endpoints) endpoint.cut();
    },
    async close() {
      rest();
      const left = endpoints;
      await Promise.all(left.map((endpoint) => leave(endpoint).then(() => forget(endpoint))));
    },
  };
}
