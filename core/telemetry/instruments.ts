/** Every metric instrument, with its name, unit and buckets: names of the semantic conventions, `gateway.*` where they have none. */
import type { Attributes, Counter, Meter } from '@opentelemetry/api';
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
  readonly retryAttempts: Counter;
  /** Changes of state, by the state `to` which. */
  readonly breakerTransitions: Counter;
  /** Requests refused at the concurrency limit, by `priority`. */
  readonly concurrencyRejected: Counter;
  readonly endpointEjections: Counter;
  /** Requests refused because the gateway itself was overloaded, by `priority`. */
  readonly overloadRejected: Counter;
  /** Exchanges that do not fit a contract, by `gateway.route.id`, `direction` and `kind`. */
  readonly contractViolations: Counter;
  /** Exchanges of validated routes that nothing was held against, by `direction` and `reason`. */
  readonly contractUnchecked: Counter;
  /** The services whose levels are read when metrics are collected. */
  readonly services: Set<ServiceLevels>;
}

/** What there is to read of a service at any moment. */
export interface ServiceLevels {
  readonly name: string;
  /** 0 closed, 1 half-open, 2 open. */
  breakerState(): number;
  retryBudget(): number;
  concurrencyLimit(): number;
  inFlight(): number;
  queued(): number;
  /** Each endpoint as `host:port`, and whether it is available. */
  endpoints(): readonly { readonly id: string; readonly available: boolean }[];
  /** How they are known; undefined where they are a fixed list. */
  discovery(): Discovery | undefined;
}

/** How the endpoints of a service are known. */
export interface Discovery {
  /** Whether the source has ever answered. */
  readonly answered: boolean;
  /** Why the last question to it got no answer; undefined while it answers. */
  readonly failure: string | undefined;
  /** Seconds for which it has not answered. */
  readonly failingFor: number;
  /** How many there are. */
  readonly endpoints: number;
}

/** Of every request, and of every try; those of few values first (series.ts). */
const SERVER = ['http.request.method', 'url.scheme', 'http.response.status_code', 'error.type', 'gateway.route.id', 'http.route'];
const CLIENT = ['http.request.method', 'gateway.service.name', 'server.address', 'server.port', 'http.response.status_code', 'error.type'];

/** @param own for what every request records to */
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
    retryAttempts: counter('gateway.retry.attempts', '{attempt}', 'Tries beyond the first, by reason.'),
    breakerTransitions: counter('gateway.circuit_breaker.transitions', '{transition}', 'Changes of state of circuit breakers.'),
    concurrencyRejected: counter('gateway.concurrency_limit.rejected', '{request}', 'Requests refused at the limit of a service.'),
    endpointEjections: counter('gateway.endpoint.ejections', '{ejection}', 'Endpoints taken out of the rotation.'),
    overloadRejected: counter('gateway.overload.rejected', '{request}', 'Requests refused by an overloaded gateway.'),
    contractViolations: counter('gateway.contract.violations', '{violation}', 'Requests and answers that do not fit a contract.'),
    contractUnchecked: counter('gateway.contract.unchecked', '{message}', 'Bodies that were not held against a contract, by reason.'),
    services: serviceLevels(meter),
  };
}

/** One gauge for each level, read from every service in the set. */
function serviceLevels(meter: Meter): Set<ServiceLevels> {
  const services = new Set<ServiceLevels>();
  const gauge = (name: string, unit: string, description: string, read: (service: ServiceLevels) => number) =>
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      for (const service of services) result.observe(read(service), { 'gateway.service.name': service.name });
    });
  gauge('gateway.circuit_breaker.state', '', '0 closed, 1 half-open, 2 open.', (service) => service.breakerState());
  gauge('gateway.retry_budget.balance', '{retry}', 'Retries that may be made now.', (service) => service.retryBudget());
  gauge('gateway.concurrency_limit.limit', '{request}', 'Requests that may be in flight.', (service) => service.concurrencyLimit());
  gauge('gateway.concurrency_limit.in_flight', '{request}', 'Requests in flight.', (service) => service.inFlight());
  gauge('gateway.concurrency_limit.queued', '{request}', 'Requests that wait for a place.', (service) => service.queued());
  meter.createObservableGauge('gateway.endpoint.health', { description: '1 available, 0 not.' }).addCallback((result) => {
    for (const { name, endpoints } of services)
      for (const { id, available } of endpoints())
        result.observe(available ? 1 : 0, { 'gateway.service.name': name, 'gateway.endpoint.address': id });
  });
  const stale = { description: '1 while the source of the endpoints does not answer, and the last known ones are kept; 0 otherwise.' };
  meter.createObservableGauge('gateway.registry.stale', stale).addCallback((result) => {
    for (const { name, discovery } of services) {
      const known = discovery();
      if (known) result.observe(known.failure === undefined ? 0 : 1, { 'gateway.service.name': name });
    }
  });
  return services;
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
