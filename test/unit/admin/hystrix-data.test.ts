import { expect } from 'chai';
import { hystrixCommand, hystrixThreadPool } from '../../../core/admin/hystrix-data.ts';
import type { BreakerView } from '../../../core/upstream/service-view.ts';
import { type ServiceEvent, ServiceStatistics, serviceEvents } from '../../../core/upstream/statistics.ts';
import { aService } from './a-service.ts';

const clock = { now: () => 10_000, epoch: () => 1_800_000_000_000.7 };

const percentiles = ['0', '25', '50', '75', '90', '95', '99', '99.5', '100'];

/** What Hystrix 1.5.18 writes of a command (`SerialHystrixDashboardData`), by type. */
const commandFields = {
  string: ['type', 'name', 'group', 'propertyValue_executionIsolationStrategy', 'threadPool'],
  boolean: [
    'isCircuitBreakerOpen',
    'propertyValue_circuitBreakerForceOpen',
    'propertyValue_circuitBreakerForceClosed',
    'propertyValue_circuitBreakerEnabled',
    'propertyValue_executionIsolationThreadInterruptOnTimeout',
    'propertyValue_requestCacheEnabled',
    'propertyValue_requestLogEnabled',
  ],
  integer: [
    'currentTime',
    'errorPercentage',
    'errorCount',
    'requestCount',
    'rollingCountBadRequests',
    'rollingCountCollapsedRequests',
    'rollingCountEmit',
    'rollingCountExceptionsThrown',
    'rollingCountFailure',
    'rollingCountFallbackEmit',
    'rollingCountFallbackFailure',
    'rollingCountFallbackMissing',
    'rollingCountFallbackRejection',
    'rollingCountFallbackSuccess',
    'rollingCountResponsesFromCache',
    'rollingCountSemaphoreRejected',
    'rollingCountShortCircuited',
    'rollingCountSuccess',
    'rollingCountThreadPoolRejected',
    'rollingCountTimeout',
    'currentConcurrentExecutionCount',
    'rollingMaxConcurrentExecutionCount',
    'latencyExecute_mean',
    'latencyTotal_mean',
    'propertyValue_circuitBreakerRequestVolumeThreshold',
    'propertyValue_circuitBreakerSleepWindowInMilliseconds',
    'propertyValue_circuitBreakerErrorThresholdPercentage',
    'propertyValue_executionIsolationThreadTimeoutInMilliseconds',
    'propertyValue_executionTimeoutInMilliseconds',
    'propertyValue_executionIsolationSemaphoreMaxConcurrentRequests',
    'propertyValue_fallbackIsolationSemaphoreMaxConcurrentRequests',
    'propertyValue_metricsRollingStatisticalWindowInMilliseconds',
    'reportingHosts',
  ],
  percentiles: ['latencyExecute', 'latencyTotal'],
  // The pool's name is the command's own: nothing overrides it.
  null: ['propertyValue_executionIsolationThreadPoolKeyOverride'],
};

const poolFields = {
  string: ['type', 'name'],
  integer: [
    'currentTime',
    'currentActiveCount',
    'currentCompletedTaskCount',
    'currentCorePoolSize',
    'currentLargestPoolSize',
    'currentMaximumPoolSize',
    'currentPoolSize',
    'currentQueueSize',
    'currentTaskCount',
    'rollingCountThreadsExecuted',
    'rollingMaxActiveThreads',
    'rollingCountCommandRejections',
    'propertyValue_queueSizeRejectionThreshold',
    'propertyValue_metricsRollingStatisticalWindowInMilliseconds',
    'reportingHosts',
  ],
};

/** Each field's type as Turbine tells them apart, from what goes over the wire. */
function typesOf(data: object): Record<string, string[]> {
  const types: Record<string, string[]> = {};
  for (const [name, value] of Object.entries(JSON.parse(JSON.stringify(data)) as Record<string, unknown>)) {
    const type = typeOf(value);
    types[type] ??= [];
    types[type].push(name);
  }
  return types;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Number.isInteger(value)) return 'integer';
  if (typeof value !== 'object') return typeof value;
  const wellFormed = Object.keys(value).sort().join() === [...percentiles].sort().join() && Object.values(value).every(Number.isInteger);
  return wellFormed ? 'percentiles' : 'object';
}

/** A service that has seen each event, the first once, the second twice and so on. */
function aBusyService() {
  const statistics = new ServiceStatistics();
  for (const [index, event] of serviceEvents.entries()) for (let times = 0; times <= index; times += 1) statistics.count(event, 5_000);
  for (const milliseconds of [0.4, 12.7, 300]) statistics.executed(milliseconds, 5_000);
  statistics.called(333.3, 5_000);
  for (let tries = 0; tries < 7; tries += 1) statistics.entered(5_000);
  for (let tries = 0; tries < 4; tries += 1) statistics.left(5_000);
  return aService('stock', {
    statistics,
    breaker: { state: 'closed', health: () => ({ total: 30, errors: 20 }) },
    concurrency: { inFlight: 3, limit: 40, queued: 2 },
    settings: { requestVolume: 25, errorThreshold: 0.35, window: 10_000, sleepWindow: 4_000, attemptTimeout: 1_500, queue: 8 },
  });
}

const times = (event: ServiceEvent) => serviceEvents.indexOf(event) + 1;

describe('the data of the Hystrix stream', () => {
  it('has every field that Hystrix writes, and none that it does not, with its type', () => {
    for (const service of [aService('idle'), aBusyService()]) {
      expectFields(typesOf(hystrixCommand(service, clock)), commandFields);
      expectFields(typesOf(hystrixThreadPool(service, clock)), poolFields);
    }
  });

  it('has of a command its counts, its health, its latencies in whole milliseconds and its settings', () => {
    expect(hystrixCommand(aBusyService(), clock)).to.deep.include({
      type: 'HystrixCommand',
      name: 'stock',
      group: 'public-gateway',
      threadPool: 'stock',
      currentTime: 1_800_000_000_001,
      requestCount: 30,
      errorCount: 20,
      errorPercentage: 66,
      rollingCountSuccess: times('success'),
      rollingCountFailure: times('failure'),
      rollingCountTimeout: times('timeout'),
      rollingCountBadRequests: times('badRequest'),
      rollingCountShortCircuited: times('shortCircuited'),
      rollingCountSemaphoreRejected: times('semaphoreRejected'),
      rollingCountFallbackSuccess: times('fallbackSuccess'),
      rollingCountFallbackFailure: times('fallbackFailure'),
      rollingCountFallbackMissing: times('fallbackMissing'),
      rollingCountExceptionsThrown: times('exceptionThrown'),
      rollingCountResponsesFromCache: times('responseFromCache'),
      currentConcurrentExecutionCount: 3,
      rollingMaxConcurrentExecutionCount: 7,
      latencyExecute_mean: 104,
      latencyTotal_mean: 333,
      propertyValue_executionIsolationStrategy: 'SEMAPHORE',
      propertyValue_executionIsolationSemaphoreMaxConcurrentRequests: 40,
      propertyValue_executionTimeoutInMilliseconds: 1_500,
      propertyValue_executionIsolationThreadTimeoutInMilliseconds: 1_500,
      propertyValue_circuitBreakerRequestVolumeThreshold: 25,
      propertyValue_circuitBreakerErrorThresholdPercentage: 35,
      propertyValue_circuitBreakerSleepWindowInMilliseconds: 4_000,
      propertyValue_metricsRollingStatisticalWindowInMilliseconds: 10_000,
    });
    expect(hystrixCommand(aBusyService(), clock).latencyExecute).to.include({ 0: 0, 100: 300 });
  });

  it('shows the bulkhead as the pool of the command, each place a thread', () => {
    expect(hystrixThreadPool(aBusyService(), clock)).to.deep.equal({
      type: 'HystrixThreadPool',
      name: 'stock',
      currentTime: 1_800_000_000_001,
      currentActiveCount: 3,
      currentQueueSize: 2,
      currentPoolSize: 40,
      currentCorePoolSize: 40,
      currentMaximumPoolSize: 40,
      currentLargestPoolSize: 7,
      currentCompletedTaskCount: 4,
      currentTaskCount: 9,
      rollingMaxActiveThreads: 7,
      rollingCountThreadsExecuted: times('success') + times('failure') + times('timeout') + times('badRequest') + times('cancelled'),
      rollingCountCommandRejections: times('semaphoreRejected'),
      propertyValue_queueSizeRejectionThreshold: 8,
      propertyValue_metricsRollingStatisticalWindowInMilliseconds: 10_000,
      reportingHosts: 1,
    });
  });

  it('calls a circuit open while it waits for its trial too, and as it is forced whatever its state', () => {
    const seen = (state: BreakerView['state'], forced?: BreakerView['forced']) => {
      const command = hystrixCommand(aService('stock', { breaker: { state, forced, health: () => ({ total: 0, errors: 0 }) } }), clock);
      return [command.isCircuitBreakerOpen, command.propertyValue_circuitBreakerForceOpen, command.propertyValue_circuitBreakerForceClosed];
    };
    expect(seen('closed')).to.deep.equal([false, false, false]);
    expect(seen('open')).to.deep.equal([true, false, false]);
    expect(seen('half-open')).to.deep.equal([true, false, false]);
    expect(seen('closed', 'open')).to.deep.equal([true, true, false]);
    expect(seen('open', 'closed')).to.deep.equal([false, false, true]);
  });
});

function expectFields(actual: Record<string, string[]>, expected: Record<string, string[]>): void {
  expect(actual).to.have.all.keys(Object.keys(expected));
  for (const [type, names] of Object.entries(expected)) expect(actual[type], type).to.have.members(names);
}
