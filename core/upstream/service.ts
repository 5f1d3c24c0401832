/** One service and how a call to it is made: the layers, in the order a try goes down through them. */
import type { Tracer } from '@opentelemetry/api';
import { balancers } from '../balancer/index.ts';
import type { Clock, Random } from '../clock.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Sources } from '../registry/sources.ts';
import type { Occurrence } from '../telemetry/figures.ts';
import { forgetService } from '../telemetry/forget.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Discovery } from '../telemetry/levels.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Statistics } from '../telemetry/statistics.ts';
import { type Affinity, affinityOf } from './affinity.ts';
import { attemptTelemetry } from './attempt-telemetry.ts';
import { balance } from './balance.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import { classify } from './classify.ts';
import { concurrencyLimit } from './concurrency-limit.ts';
import { deadline } from './deadline.ts';
import type { Engine } from './engine.ts';
import { Attempt, answeredAt, type Exchange } from './exchange.ts';
import { type Lasting, lastingOf } from './lasting.ts';
import { compose, type Next } from './layer.ts';
import { type Placed, type Placement, placementOf } from './placement.ts';
import { reconnect } from './reconnect.ts';
import type { UpstreamResponse } from './response.ts';
import { retry } from './retry.ts';
import type { EndpointView, ServiceView } from './service-view.ts';
import type { ServiceStatistics } from './statistics.ts';
import { tellAnswered, tellFailed } from './tell.ts';
import { timeout } from './timeout.ts';

export interface Service {
  readonly name: string;
  readonly config: ServiceConfig;
  readonly affinity: Affinity;
  readonly statistics: ServiceStatistics;
  /** Its state, for whoever watches. */
  readonly view: ServiceView;
  /** Where a first try would go now, and why; nothing changes. */
  placement(asked: Placed): Placement;
  /** Whether the circuit breaker would let a call through now; nothing changes. */
  admits(): boolean;
  /** Whether this is the host, with its port, of one of its endpoints now, or the name that one is asked by. */
  isAt(host: string): boolean;
  /** How its endpoints are known; undefined where they are a fixed list. */
  discovery(): Discovery | undefined;
  /** What the service takes over that takes its place when the configuration changes. */
  readonly lasting: Lasting;
  /** @throws Problem */
  call(exchange: Exchange): Promise<UpstreamResponse>;
  /** Takes the place of the one before, which rests. */
  begin(): void;
  /** Another has taken its place, or it is no more: only the calls under way are left to it. */
  rest(): void;
  /** One more has it, and will close it too. */
  share(): void;
  /** When all who had it have closed it. */
  close(): Promise<void>;
  /** Waits for no call any longer, behind `close`. */
  cut(): void;
}

export interface ServiceParts {
  readonly engine: Engine;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly random: Random;
  readonly tracer: Tracer;
  readonly instruments: Instruments;
  readonly recorder: Pick<Statistics, 'call' | 'attempt'>;
  readonly logger: Logger;
  /** The gateway's name. */
  readonly gateway: string;
  /** The gateway's own. */
  readonly zone: string | undefined;
}

/** @param before the service whose place it is to take at `begin`: where a setting is the same, what goes by it goes on */
export function createService(name: string, config: ServiceConfig, parts: ServiceParts, before?: Service): Service {
  const { engine, clock, random, tracer, instruments, recorder, gateway, zone } = parts;
  const { attempt, request, idle } = config.timeouts;
  const labels = { 'gateway.service.name': name };
  const { queue } = config.concurrency;
  const lasting = lastingOf(name, config, parts, before);
  const { statistics, budget, breaker, gradient, bulkhead, pool } = lasting;
  const choose = balancers[config.balancer](random);

  const transport: Next = (try_) => engine.send(try_, idle);
  const send = compose(
    [
      deadline(request, clock), // above all tries: they share its time
      retry(config.retry, {
        clock,
        random,
        budget,
        onRetry: (reason) => instruments.retryAttempts.add(1, { ...labels, reason: String(reason) }),
      }),
      circuitBreaker({ breaker, ...config.circuitBreaker, statistics, clock }), // below retry: each try is a call; above the limit: open, it takes no place
      concurrencyLimit({
        bulkhead,
        places: queue,
        gradient,
        statistics,
        clock,
        onRejected: (priority) => instruments.concurrencyRejected.add(1, { ...labels, priority }),
      }),
      reconnect(clock), // below all that counts: a connection closed for idleness says nothing of the service
      balance({
        endpoints: () => pool.endpoints,
        choose,
        detector: pool.detector,
        zone,
        cookie: config.sticky?.cookie,
        failureCost: attempt,
        probePatience: config.outlier.baseEjection,
        clock,
      }), // below whatever tries again: each try is placed anew
      attemptTelemetry({ tracer, instruments, recorder, clock }), // below balance: a span has an endpoint; above timeout: it sees it fire
      timeout(attempt, clock),
    ],
    transport,
  );

  const levels = {
    name,
    breakerState: () => ({ closed: 0, 'half-open': 1, open: 2 })[breaker.state.state],
    retryBudget: () => budget.balance(clock.now()),
    concurrencyLimit: () => bulkhead.limit,
    inFlight: () => bulkhead.inFlight,
    queued: () => bulkhead.queued,
    endpoints: pool.availability,
    discovery: pool.discovery,
  };
  if (!before) instruments.services.add(levels);
  const tell = (occurrence: Occurrence, now: number, { from }: Exchange) =>
    recorder.call(name, from, occurrence, classify(occurrence.status, occurrence.problem) === 'failure', now);
  let holders = 1;

  return {
    name,
    config,
    lasting,
    affinity: affinityOf(config),
    statistics,
    isAt: (host) => pool.endpoints.some((endpoint) => endpoint.url.host === host || endpoint.host === host),
    discovery: pool.discovery,
    view: {
      name,
      group: gateway,
      statistics,
      breaker: {
        get state() {
          return breaker.state.state;
        },
        forced: config.circuitBreaker.force,
        health: (now) => breaker.health(now),
      },
      concurrency: bulkhead,
      settings: { ...config.circuitBreaker, attemptTimeout: attempt, queue },
      endpoints: () => pool.endpoints.map((endpoint) => seen(endpoint, clock.now())),
      discovery: pool.discovery,
    },
    placement: (asked) =>
      placementOf(asked, { endpoints: pool.endpoints, choose, detector: pool.detector, zone, balancer: config.balancer, now: clock.now() }),
    admits: () => breaker.wouldAdmit(clock.now()) !== undefined,
    call(exchange) {
      const calledAt = clock.now();
      const answer = send(new Attempt(exchange, calledAt));
      const called = (now: number): number => {
        statistics.called(now - calledAt, now);
        return now - calledAt;
      };
      answer.then(
        (response) => tellAnswered(exchange, response, called(answeredAt(exchange, clock)), clock, tell),
        // Not when its last try failed: it may have waited since then for another, which never came.
        (error: unknown) => tellFailed(exchange, error, called(clock.now()), clock, tell),
      );
      return answer;
    },
    cut: pool.cut,
    begin() {
      instruments.services.add(levels);
      pool.begin();
    },
    rest() {
      instruments.services.delete(levels);
      pool.rest();
    },
    share() {
      holders += 1;
    },
    async close() {
      holders -= 1;
      if (holders > 0) return;
      instruments.services.delete(levels);
      await pool.close();
      const isGone = ![...instruments.services].some((one) => one.name === name);
      if (isGone) forgetService(instruments, name);
    },
  };
}

const seen = (
  { id, healthy, outlier, available, draining, fullWeight, priority, zone, inFlight, latency }: Endpoint,
  now: number,
): EndpointView => ({
  ...{ id, healthy, available, draining, priority, zone, inFlight },
  ejection: outlier.state.is,
  weight: fullWeight,
  latency: latency.cost(now),
});
