/** A service as the dashboard draws it: its circuit, its places, its endpoints. */
import type { EndpointView, ServiceView } from '../upstream/service-view.ts';
import type { ServiceEvent } from '../upstream/statistics.ts';
import { coarse, rounded } from './figures.ts';
import type { Sample } from './history.ts';
import type { JsonObject } from './state-change.ts';

/** Endpoints of one service that are told one by one, those that need somebody first. */
const MOST_ENDPOINTS = 50;

/** Times in milliseconds, rates a second, errors in percent. @param now of the clock that the service counts by */
export function serviceState(service: ServiceView, now: number): JsonObject {
  const { breaker, concurrency, settings, statistics } = service;
  const { total, errors } = breaker.health(now);
  const all = statistics.counts(now);
  const counts = Object.entries(all).filter(([, count]) => count > 0);
  const executed = statistics.executedLatencies(now);
  const known = executed.percentile(100) > 0;
  return {
    circuit: breaker.state,
    forced: breaker.forced,
    ...sampled(all, covered(settings.window, now)),
    errors: total > 0 ? Math.round((errors / total) * 100) : 0,
    calls: total,
    counts: Object.fromEntries(counts),
    ...(known
      ? { p50: rounded(executed.percentile(50)), p90: rounded(executed.percentile(90)), p99: rounded(executed.percentile(99)) }
      : {}),
    inFlight: concurrency.inFlight,
    limit: concurrency.limit,
    queued: concurrency.queued,
    queue: settings.queue,
    opensAt: Math.round(settings.errorThreshold * 100),
    volume: settings.requestVolume,
    ...endpointsOf(service),
    discovery: discoveryOf(service),
  };
}

/** Calls a second in the window of the service, also those refused at once, and those that failed. */
export const sampleOf = ({ statistics, settings }: ServiceView, now: number): Sample =>
  sampled(statistics.counts(now), covered(settings.window, now));

/**
 * Seconds that the counts are of: the last tenth of the window has only begun, and a process that has just been started counts since
 * then. As core/telemetry/rolling-window.ts divides it.
 */
function covered(window: number, now: number): number {
  const tenth = window / 10;
  return Math.max(tenth, Math.min(now, window - tenth + (now % tenth))) / 1000;
}

function sampled(counts: Readonly<Record<ServiceEvent, number>>, seconds: number): Sample {
  const { success, failure, timeout, badRequest, shortCircuited, semaphoreRejected, cancelled } = counts;
  const failed = failure + timeout + shortCircuited + semaphoreRejected;
  return { rate: rounded((success + badRequest + cancelled + failed) / seconds), failures: rounded(failed / seconds) };
}

function endpointsOf(service: ServiceView): JsonObject {
  const all = service.endpoints();
  const shown = all.length <= MOST_ENDPOINTS ? all : [...all].sort((a, b) => trouble(b) - trouble(a)).slice(0, MOST_ENDPOINTS);
  const up = all.reduce((count, endpoint) => count + (stateOf(endpoint) === 'up' ? 1 : 0), 0);
  return { up, members: all.length, endpoints: Object.fromEntries(shown.map((endpoint) => [endpoint.id, endpointState(endpoint)])) };
}

function endpointState(endpoint: EndpointView): JsonObject {
  const { latency } = endpoint;
  return {
    state: stateOf(endpoint),
    weight: endpoint.weight,
    zone: endpoint.zone,
    standby: endpoint.priority > 0 ? endpoint.priority : undefined,
    inFlight: endpoint.inFlight,
    latency: latency === undefined ? undefined : coarse(latency),
  };
}

/** In the words of the page. */
function stateOf({ healthy, draining, ejection }: EndpointView): 'up' | 'draining' | 'unhealthy' | 'ejected' | 'probing' {
  if (draining) return 'draining';
  if (!healthy) return 'unhealthy';
  return ejection === 'available' ? 'up' : ejection;
}

const trouble = (endpoint: EndpointView): number => (stateOf(endpoint) === 'up' ? 0 : 1);

function discoveryOf(service: ServiceView): JsonObject | undefined {
  const discovery = service.discovery();
  if (!discovery) return undefined;
  const { answered, failure, failingFor } = discovery;
  return { answered, failure, failingFor: failure === undefined ? undefined : Math.round(failingFor) };
}
