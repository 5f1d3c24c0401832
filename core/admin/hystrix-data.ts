/**
 * A service in the words of Hystrix's event stream: a command, and as its pool the bulkhead. Every field that Hystrix 1.5
 * writes is there with the same type, for dashboards refuse a command that lacks one and Turbine takes whole numbers only.
 */
import type { Clock } from '../clock.ts';
import type { Distribution } from '../telemetry/rolling-percentile.ts';
import type { ServiceView } from '../upstream/service-view.ts';

/** The percentiles that the stream has of each latency. */
const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 100] as const;

/** `Integer.MAX_VALUE`, by which Hystrix writes that there is no limit. */
const UNLIMITED = 2 ** 31 - 1;

/** Circuit, counts, latencies and settings: `type: HystrixCommand`. */
export function hystrixCommand({ name, group, statistics, breaker, concurrency, settings }: ServiceView, clock: Clock) {
  const now = clock.now();
  const { total, errors } = breaker.health(now);
  const counts = statistics.counts(now);
  const executed = statistics.executedLatencies(now);
  const called = statistics.calledLatencies(now);
  return {
    type: 'HystrixCommand',
    name,
    group,
    currentTime: Math.round(clock.epoch()),
    // A circuit that lets one call through as a trial is an open one.
    isCircuitBreakerOpen: (breaker.forced ?? breaker.state) !== 'closed',
    errorPercentage: total > 0 ? Math.trunc((errors / total) * 100) : 0,
    errorCount: errors,
    requestCount: total,

    rollingCountBadRequests: counts.badRequest,
    rollingCountCollapsedRequests: 0,
    rollingCountEmit: 0,
    rollingCountExceptionsThrown: counts.exceptionThrown,
    rollingCountFailure: counts.failure,
    rollingCountFallbackEmit: 0,
    rollingCountFallbackFailure: counts.fallbackFailure,
    rollingCountFallbackMissing: counts.fallbackMissing,
    rollingCountFallbackRejection: 0,
    rollingCountFallbackSuccess: counts.fallbackSuccess,
    rollingCountResponsesFromCache: counts.responseFromCache,
    rollingCountSemaphoreRejected: counts.semaphoreRejected,
    rollingCountShortCircuited: counts.shortCircuited,
    rollingCountSuccess: counts.success,
    rollingCountThreadPoolRejected: 0,
    rollingCountTimeout: counts.timeout,

    currentConcurrentExecutionCount: concurrency.inFlight,
    rollingMaxConcurrentExecutionCount: statistics.maxInFlight(now),
    latencyExecute_mean: Math.round(executed.mean),
    latencyExecute: percentiles(executed),
    latencyTotal_mean: Math.round(called.mean),
    latencyTotal: percentiles(called),

    propertyValue_circuitBreakerRequestVolumeThreshold: settings.requestVolume,
    propertyValue_circuitBreakerSleepWindowInMilliseconds: settings.sleepWindow,
    propertyValue_circuitBreakerErrorThresholdPercentage: Math.round(settings.errorThreshold * 100),
    propertyValue_circuitBreakerForceOpen: breaker.forced === 'open',
    propertyValue_circuitBreakerForceClosed: breaker.forced === 'closed',
    propertyValue_circuitBreakerEnabled: true,
    propertyValue_executionIsolationStrategy: 'SEMAPHORE',
    propertyValue_executionIsolationThreadTimeoutInMilliseconds: settings.attemptTimeout,
    propertyValue_executionTimeoutInMilliseconds: settings.attemptTimeout,
    propertyValue_executionIsolationThreadInterruptOnTimeout: true,
    propertyValue_executionIsolationThreadPoolKeyOverride: null,
    propertyValue_executionIsolationSemaphoreMaxConcurrentRequests: concurrency.limit,
    propertyValue_fallbackIsolationSemaphoreMaxConcurrentRequests: UNLIMITED,
    propertyValue_metricsRollingStatisticalWindowInMilliseconds: settings.window,
    propertyValue_requestCacheEnabled: false,
    propertyValue_requestLogEnabled: false,
    reportingHosts: 1,
    threadPool: name,
  };
}

/** Places and queue, as if each place were a thread: `type: HystrixThreadPool`. */
export function hystrixThreadPool({ name, statistics, concurrency, settings }: ServiceView, clock: Clock) {
  const now = clock.now();
  const { success, failure, timeout, badRequest, cancelled, semaphoreRejected } = statistics.counts(now);
  const { inFlight, queued, limit } = concurrency;
  return {
    type: 'HystrixThreadPool',
    name,
    currentTime: Math.round(clock.epoch()),
    currentActiveCount: inFlight,
    currentCompletedTaskCount: statistics.completed,
    currentCorePoolSize: limit,
    currentLargestPoolSize: statistics.mostInFlight,
    currentMaximumPoolSize: limit,
    currentPoolSize: limit,
    currentQueueSize: queued,
    currentTaskCount: statistics.completed + inFlight + queued,
    rollingCountThreadsExecuted: success + failure + timeout + badRequest + cancelled,
    rollingMaxActiveThreads: statistics.maxInFlight(now),
    rollingCountCommandRejections: semaphoreRejected,
    propertyValue_queueSizeRejectionThreshold: settings.queue,
    propertyValue_metricsRollingStatisticalWindowInMilliseconds: settings.window,
    reportingHosts: 1,
  };
}

/** In whole milliseconds, by the percentile as it is written. */
function percentiles(latencies: Distribution): Record<string, number> {
  return Object.fromEntries(PERCENTILES.map((percent) => [String(percent), Math.round(latencies.percentile(percent))]));
}
