/** Every metric instrument, with its name, unit and buckets: names of the semantic conventions, `gateway.*` where they have none. */
import type { Attributes, Counter, Meter } from '@opentelemetry/api';
import { cacheLevels, configurationLevels, registryLevels, serviceLevels, stateLevels } from './level-instruments.ts';
import type { CacheLevels, ConfigurationLevels, RegistryLevels, ServiceLevels, StateLevels } from './levels.ts';
import type { Histogram, InstrumentOptions, Counter as OwnCounter, OwnMetrics } from './own-metrics.ts';
import type { Pressure } from './pressure.ts';
import { SeriesByAttributes } from './series.ts';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** How many of something there are now: counted here and read when metrics are collected, which costs a request nothing. */
export interface Level {
  /** One more of those with these attributes, of which there must be few; the function returned takes it off again. */
  enter(attributes?: Attributes): () => void;
}

export interface Instruments {
  readonly serverDuration: Histogram;
  readonly activeRequests: Level;
  readonly clientDuration: Histogram;
  readonly rateLimitRequests: OwnCounter;
  readonly activeWebSockets: Level;
  readonly rejectedConnections: Counter;
  /** Tries beyond the first, by `reason`. */
  readonly retryAttempts: OwnCounter;
  /** Changes of state, by the state `to` which. */
  readonly breakerTransitions: OwnCounter;
  /** Requests refused at the concurrency limit, by `priority`. */
  readonly concurrencyRejected: OwnCounter;
  readonly endpointEjections: OwnCounter;
  /** Requests refused because the gateway itself was overloaded, by `priority`. */
  readonly overloadRejected: Counter;
  /** Requests on routes with a cache, by `result`. */
  readonly cacheRequests: OwnCounter;
  /** The caches whose levels are read when metrics are collected. */
  readonly caches: Set<CacheLevels>;
  /** Runs of users' filters, by name and stage. */
  readonly filterDuration: Histogram;
  /** Runs that failed, by name. */
  readonly filterFailures: Counter;
  /** Exchanges that do not fit a contract, by `gateway.route.id`, `direction` and `kind`. */
  readonly contractViolations: OwnCounter;
  /** Exchanges of validated routes that nothing was held against, by `direction` and `reason`. */
  readonly contractUnchecked: Counter;
  /** The services whose levels are read when metrics are collected. */
  readonly services: Set<ServiceLevels>;
  /** Instances whose lease in the embedded registry ran out. */
  readonly registryEvictions: Counter;
  /** Requests that the embedded registry refused, by the status of the answer. */
  readonly registryRefused: Counter;
  /** Tries to take up the configuration while running, by `result`: `changed`, `unchanged` or `failed`. */
  readonly configReloads: Counter;
  /** The configuration in force, read when metrics are collected. */
  readonly configurations: Set<ConfigurationLevels>;
  /** Where counts are shared with other instances, where they are. */
  readonly states: Set<StateLevels>;
  /** The embedded registry, where there is one. */
  readonly registries: Set<RegistryLevels>;
}

/** Of every request, and of every try; those of few values first (series.ts). */
const SERVER = ['http.request.method', 'url.scheme', 'http.response.status_code', 'error.type', 'gateway.route.id', 'http.route'];
const CLIENT = ['http.request.method', 'gateway.service.name', 'server.address', 'server.port', 'http.response.status_code', 'error.type'];

const OF_SERVICE = 'gateway.service.name';
const OF_ROUTE = 'gateway.route.id';

const FILTER = ['gateway.filter.stage', 'gateway.filter.name'];

/** @param own for what every request records to, and what comes and goes */
export function createInstruments(meter: Meter, own: OwnMetrics, pressure: Pick<Pressure, 'level'>): Instruments {
  const seconds = (name: string, description: string, attributes: readonly string[]) =>
    own.histogram(name, SECONDS, { description, unit: 's', attributes });
  const activeWebSockets = level(meter, 'gateway.websocket.active', {
    description: 'WebSockets open.',
    unit: '{connection}',
    attributes: [],
  });
  // Reported as none from the start, and not first with the first.
  activeWebSockets.enter()();
  meter
    .createObservableGauge('gateway.overload.level', { description: 'How hard-pressed the gateway is; it refuses from 1 on.' })
    .addCallback((result) => result.observe(pressure.level()));
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description });
  /** Of what comes and goes. */
  const passing = (name: string, unit: string, description: string, ...attributes: string[]) =>
    own.counter(name, { unit, description, attributes });
  return {
    serverDuration: seconds('http.server.request.duration', 'Duration of requests to the gateway.', SERVER),
    activeRequests: level(meter, 'http.server.active_requests', {
      description: 'Requests under way.',
      unit: '{request}',
      attributes: ['http.request.method', 'url.scheme'],
    }),
    clientDuration: seconds('http.client.request.duration', 'Duration of tries to a service, to the first byte of the answer.', CLIENT),
    rateLimitRequests: own.counter('gateway.rate_limit.requests', {
      description: 'Requests that a rate limit looked at.',
      unit: '{request}',
      attributes: ['policy', 'result'],
    }),
    activeWebSockets,
    rejectedConnections: meter.createCounter('gateway.connections.rejected', {
      description: 'Connections closed before they became a request, by reason.',
      unit: '{connection}',
    }),
    retryAttempts: passing('gateway.retry.attempts', '{attempt}', 'Tries beyond the first, by reason.', OF_SERVICE, 'reason'),
    breakerTransitions: passing(
      'gateway.circuit_breaker.transitions',
      '{transition}',
      'Changes of state of circuit breakers.',
      OF_SERVICE,
      'gateway.circuit_breaker.state',
    ),
    concurrencyRejected: passing(
      'gateway.concurrency_limit.rejected',
      '{request}',
      'Requests refused at the limit of a service.',
      OF_SERVICE,
      'priority',
    ),
    endpointEjections: passing('gateway.endpoint.ejections', '{ejection}', 'Endpoints taken out of the rotation.', OF_SERVICE),
    overloadRejected: counter('gateway.overload.rejected', '{request}', 'Requests refused by an overloaded gateway.'),
    services: serviceLevels(own),
    registryEvictions: counter('gateway.registry.evictions', '{instance}', 'Instances whose lease in the embedded registry ran out.'),
    registryRefused: counter('gateway.registry.refused', '{request}', 'Requests that the embedded registry refused, by status.'),
    registries: registryLevels(own, meter),
    configReloads: counter('gateway.config.reloads', '{reload}', 'Tries to take up the configuration while running, by result.'),
    configurations: configurationLevels(own),
    states: stateLevels(own),
    cacheRequests: own.counter('gateway.cache.requests', {
      description: 'Requests on routes with a cache, by what it did.',
      unit: '{request}',
      attributes: ['gateway.route.id', 'result'],
    }),
    caches: cacheLevels(meter),
    filterDuration: seconds('gateway.filter.duration', "Duration of users' filters, the call to the service apart.", FILTER),
    filterFailures: counter('gateway.filter.failures', '{run}', "Runs of users' filters that failed."),
    contractViolations: passing(
      'gateway.contract.violations',
      '{violation}',
      'Requests and answers that do not fit a contract.',
      OF_ROUTE,
      'direction',
      'kind',
    ),
    contractUnchecked: counter('gateway.contract.unchecked', '{message}', 'Bodies that were not held against a contract, by reason.'),
  };
}

function level(meter: Meter, name: string, options: InstrumentOptions): Level {
  const { description, unit, attributes: names } = options;
  const levels = new SeriesByAttributes(names, () => new Count());
  meter.createObservableUpDownCounter(name, { description, unit }).addCallback((result) => {
    for (const { count, attributes } of levels) result.observe(count.now, attributes);
  });
  return {
    enter(attributes = {}) {
      const count = levels.of(attributes);
      count.now += 1;
      return count.leave;
    },
  };
}

class Count {
  now = 0;
  readonly leave = (): void => {
    this.now -= 1;
  };
}
