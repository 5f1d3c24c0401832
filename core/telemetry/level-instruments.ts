/** The instruments that read the state of things that come and go (levels.ts) when metrics are collected. */
import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { CacheLevels, ConfigurationLevels, PeerLevels, RegistryLevels, ServiceLevels, StateLevels } from './levels.ts';
import type { OwnMetrics, Reading } from './own-metrics.ts';

export function cacheLevels(meter: Meter): Set<CacheLevels> {
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
export function serviceLevels(own: OwnMetrics): Set<ServiceLevels> {
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

export function configurationLevels(own: OwnMetrics): Set<ConfigurationLevels> {
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

export function stateLevels(own: OwnMetrics): Set<StateLevels> {
  const states = new Set<StateLevels>();
  const description =
    '1 while counts are shared with other instances, 0 while each counts for itself, for what they share does not answer.';
  own.gauge('gateway.state.reachable', { unit: '', description }, () =>
    Array.from(states, ({ reachable }): Reading => [reachable ? 1 : 0, {}]),
  );
  return states;
}

/** One gauge for each level of the embedded registry, and counters of what its peers are told. */
export function registryLevels(own: OwnMetrics, meter: Meter): Set<RegistryLevels> {
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
