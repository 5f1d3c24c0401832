/** What a service hands on to the one that takes its place when the configuration changes. */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceConfig } from '../config/schema/index.ts';
import { Breaker } from './breaker.ts';
import { Bulkhead } from './bulkhead.ts';
import { createEndpoints, type Endpoints, type EndpointsParts } from './endpoints.ts';
import { GradientLimit } from './gradient.ts';
import { Reserve } from './reserve.ts';
import { RetryBudget } from './retry-budget.ts';
import { ServiceStatistics } from './statistics.ts';

export interface Lasting {
  readonly statistics: ServiceStatistics;
  readonly budget: RetryBudget;
  readonly breaker: Breaker;
  readonly gradient: GradientLimit | undefined;
  readonly bulkhead: Bulkhead;
  readonly pool: Endpoints;
}

/** The service whose place is taken. */
interface Before {
  readonly config: ServiceConfig;
  readonly lasting: Lasting;
}

/** Each anew, or as it was before where what it goes by is the same. */
export function lastingOf(name: string, config: ServiceConfig, parts: EndpointsParts, before: Before | undefined): Lasting {
  const { circuitBreaker, concurrency, retry } = config;
  const kept = before?.lasting;
  const isKept = (of: (config: ServiceConfig) => unknown) => before !== undefined && isDeepStrictEqual(of(before.config), of(config));
  const { gradient, bulkhead } = kept && isKept((of) => of.concurrency) ? kept : newLimit(concurrency);
  return {
    statistics: kept && isKept((of) => of.circuitBreaker.window) ? kept.statistics : new ServiceStatistics(circuitBreaker.window),
    budget: kept && isKept((of) => of.retry.budget) ? kept.budget : new RetryBudget(retry.budget),
    breaker: kept && isKept((of) => of.circuitBreaker) ? kept.breaker : newBreaker(name, circuitBreaker, parts),
    gradient,
    bulkhead,
    pool: createEndpoints(name, config, parts, kept?.pool),
  };
}

function newLimit({ adaptive, limit, min, max, queue }: ServiceConfig['concurrency']): Pick<Lasting, 'gradient' | 'bulkhead'> {
  const gradient = adaptive ? new GradientLimit({ min, max }) : undefined;
  return { gradient, bulkhead: new Bulkhead(gradient ?? limit, queue, new Reserve()) };
}

function newBreaker(name: string, options: ServiceConfig['circuitBreaker'], { instruments, logger }: EndpointsParts): Breaker {
  const breaker = new Breaker(options, (from, to, now) => {
    instruments.breakerTransitions.add(1, { 'gateway.service.name': name, 'gateway.circuit_breaker.state': to });
    logger[to === 'open' ? 'warn' : 'info']({ event: 'circuit-breaker', service: name, from, to, ...breaker.health(now) });
  });
  return breaker;
}
