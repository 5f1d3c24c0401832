/** Every metric instrument, with its name, unit and buckets: names of the semantic conventions, `gateway.*` where they have none. */
import type { Attributes, Counter, Meter, ObservableResult } from '@opentelemetry/api';
import type { CacheLevels, ConfigurationLevels, PeerLevels, RegistryLevels, ServiceLevels, StateLevels } from './levels.ts';
import type { Histogram, InstrumentOptions, Counter as OwnCounter, OwnMetrics, Reading } from './own-metrics.ts';
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

function cacheLevels(meter: Meter): Set<CacheLevels> {
  const caches = new Set<CacheLevels>();
  const sum = (read: (cache: CacheLevels) => number) => (result: ObservableResult) =>
    result.observe([...caches].reduce((total, cache) => total + read(cache), 0));
  const entries = { unit: '{entry}', description: 'Answers that are stored.' };
  meter.createObservableGauge('gateway.cache.entries', entries).addCallback(sum((cache) => cache.entries));
  const size = { unit: 'By', description: 'What stored answers take.' };
  meter.createObservableGauge('gateway.cache.size', size).addCallback(sum((cache) => cache.bytes));
  const evictions = { unit: '{entry}', description: 'Stored answers that had to go for others.' };
  meter.createObservableCounter('gateway.cache.evictions', evictions).addCallback(sum((cache) => cache.evictions));
  return caches;
}

/** One gauge for each level, read from every service in the set. */
function serviceLevels(own: OwnMetrics): Set<ServiceLevels> {
  const services = new Set<ServiceLevels>();
  const gauge = (name: string, unit: string, description: string, read: (service: ServiceLevels) => readonly Reading[]) =>
    own.gauge(`gateway.${name}`, { unit, description }, () => [...services].flatMap(read));
  const level = (name: string, unit: string, description: string, read: (service: ServiceLevels) => number) =>
    gauge(name, unit, description, (service) => [[read(service), { 'gateway.service.name': service.name }]]);
  level('circuit_breaker.state', '', '0 closed, 1 half-open, 2 open.', (service) => service.breakerState());
  level('retry_budget.balance', '{retry}', 'Retries that may be made now.', (service) => service.retryBudget());
  level('concurrency_limit.limit', '{request}', 'Requests that may be in flight.', (service) => service.concurrencyLimit());
  level('concurrency_limit.in_flight', '{request}', 'Requests in flight.', (service) => service.inFlight());
  level('concurrency_limit.queued', '{request}', 'Requests that wait for a place.', (service) => service.queued());
  gauge('endpoint.health', '', '1 available, 0 not.', ({ name, endpoints }) =>
    endpoints().map(({ id, available }) => [available ? 1 : 0, { 'gateway.service.name': name, 'gateway.endpoint.address': id }]),
  );
  const stale = '1 while the source of the endpoints does not answer, and the last known ones are kept; 0 otherwise.';
  gauge('registry.stale', '', stale, ({ name, discovery }) => {
    const known = discovery();
    return known ? [[known.failure === undefined && known.asOf === undefined ? 0 : 1, { 'gateway.service.name': name }]] : [];
  });
  return services;
}

function configurationLevels(own: OwnMetrics): Set<ConfigurationLevels> {
  const configurations = new Set<ConfigurationLevels>();
  const gauge = (name: string, unit: string, description: string, read: (configuration: ConfigurationLevels) => Reading) =>
    own.gauge(`gateway.config.${name}`, { unit, description }, () => Array.from(configurations, read));
  gauge('info', '', '1, with the revision of the configuration in force.', ({ revision }) => [1, { revision }]);
  const successful = '1 when the last try to take up the configuration succeeded, 0 when that before it stays in force.';
  gauge('last_reload_successful', '', successful, (configuration) => [configuration.successful ? 1 : 0, {}]);
  const since = 'When the configuration was last taken up, or found to be in force, in seconds since 1970.';
  gauge('last_reload_success_timestamp', 's', since, ({ succeededAt }) => [succeededAt, {}]);
  return configurations;
}

function stateLevels(own: OwnMetrics): Set<StateLevels> {
  const states = new Set<StateLevels>();
  const description =
    '1 while counts are shared with other instances, 0 while each counts for itself, for what they share does not answer.';
  own.gauge('gateway.state.reachable', { unit: '', description }, () =>
    Array.from(states, ({ reachable }): Reading => [reachable ? 1 : 0, {}]),
  );
  return states;
}

/** One gauge for each level of the embedded registry, and counters of what its peers are told. */
function registryLevels(own: OwnMetrics, meter: Meter): Set<RegistryLevels> {
  const registries = new Set<RegistryLevels>();
  const gauge = (name: string, unit: string, description: string, read: (registry: RegistryLevels) => readonly Reading[]) =>
    own.gauge(`gateway.registry.${name}`, { unit, description }, () => [...registries].flatMap(read));
  const level = (name: string, unit: string, description: string, read: (registry: RegistryLevels) => number) =>
    gauge(name, unit, description, (registry) => [[read(registry), {}]]);
  const perPeer = (read: (peer: PeerLevels) => number) => (registry: RegistryLevels) =>
    registry.peers().map((peer): Reading => [read(peer), { 'gateway.registry.peer': peer.url }]);
  const total = (name: string, description: string, read: (peer: PeerLevels) => number) =>
    meter.createObservableCounter(`gateway.registry.${name}`, { unit: '{change}', description }).addCallback((result) => {
      for (const [value, attributes] of [...registries].flatMap(perPeer(read))) result.observe(value, attributes);
    });

  gauge('instances', '{instance}', 'Instances in the embedded registry, by status.', (registry) =>
    Array.from(registry.statuses(), ([status, count]) => [count, { 'gateway.registry.status': status }]),
  );
  level('applications', '{application}', 'Applications in the embedded registry.', (registry) => registry.applications());
  level('renewals.last_minute', '{renewal}', 'Heartbeats of the last minute.', (registry) => registry.renewals().lastMinute);
  const threshold = 'Heartbeats of a minute, of which there must be more for leases to run out.';
  level('renewals.threshold', '{renewal}', threshold, (registry) => registry.renewals().threshold);
  const preservation = '1 while no lease runs out, for too few heartbeats come; 0 otherwise.';
  level('self_preservation', '', preservation, (registry) => (registry.renewals().evicting ? 0 : 1));
  level('event_readers', '{reader}', 'Readers of the event stream.', (registry) => registry.readers());
  const queued = perPeer((peer) => peer.queued);
  gauge('peer.queued', '{change}', 'Changes that a peer is yet to be told.', queued);
  const failing = perPeer(({ failingSince }) => (failingSince === undefined ? 0 : 1));
  gauge('peer.failing', '', '1 while a peer does not take what it is sent; 0 otherwise.', failing);
  total('peer.sent', 'Changes that a peer took.', ({ sent }) => sent);
  total('peer.dropped', 'Changes that a peer was not told: refused, too late or too many.', ({ dropped }) => dropped);
  return registries;
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
