/** Settings of a service that cannot hold together: retries, limits, health checks, fallbacks. */
import { error, type Path, type Remark, warning } from '../finding.ts';
import type { FallbackConfig, ServiceConfig } from '../schema/index.ts';
import { bodiless } from '../schema/routes.ts';
import { formatDuration } from '../units.ts';
import type { Check, CheckContext } from './check.ts';
import { headerField } from './header-field.ts';
import { positive } from './positive.ts';

export const resilience: Check = ({ services, routes }, context) => [
  ...Object.entries(services).flatMap(([name, service]) => {
    const path = ['services', name];
    return [
      ...positive({ window: service.circuitBreaker.window, sleepWindow: service.circuitBreaker.sleepWindow }, [...path, 'circuitBreaker']),
      ...positive({ interval: service.outlier.interval, baseEjection: service.outlier.baseEjection }, [...path, 'outlier']),
      ...positive({ interval: service.healthCheck?.interval, timeout: service.healthCheck?.timeout }, [...path, 'healthCheck']),
      ...backoff(service, [...path, 'retry', 'backoff'], context),
      ...concurrency(service, [...path, 'concurrency'], context),
      ...healthCheck(service, [...path, 'healthCheck']),
      ...hashOn(service, path, context),
    ];
  }),
  ...routes.flatMap(({ fallback, service, split }, index) => {
    const path = ['routes', index, 'fallback'];
    if (fallback === undefined) return [];
    if ((fallback.status === undefined) === (fallback.service === undefined))
      return [error(path, 'takes one of status (a prepared answer) and service')];
    const beside = (['headers', 'body'] as const).filter((key) => fallback.service !== undefined && fallback[key] !== undefined);
    const remarks = beside.map((key) => error([...path, key], 'belongs to a prepared answer: service has its own', { atKey: true }));
    const other = fallback.service;
    if (other === undefined) return [...remarks, ...preparedAnswer(fallback, path)];
    const branch = split?.find((one) => one.service === other);
    if (branch) remarks.push(warning([...path, 'service'], `is ${other}, to which the split may have sent the request just before`));
    if (other === service) remarks.push(error([...path, 'service'], 'is the service itself, which just could not answer'));
    return remarks;
  }),
];

function preparedAnswer({ status, headers = {}, body }: FallbackConfig, path: Path): Remark[] {
  const remarks = Object.entries(headers).flatMap(([name, value]) => headerField(name, value, [...path, 'headers', name]));
  if (body !== undefined && status !== undefined && bodiless.has(status))
    remarks.push(error([...path, 'body'], `cannot be sent: an answer with status ${status} has none`, { atKey: true }));
  return remarks;
}

function backoff({ retry }: ServiceConfig, path: Path, { isGiven }: CheckContext): Remark[] {
  const { base, max } = retry.backoff;
  if (base <= max || !isGiven([...path, 'base'])) return [];
  const byDefault = isGiven([...path, 'max']) ? '' : ' by default';
  return [
    error([...path, 'base'], `is longer (${formatDuration(base)}) than max (${formatDuration(max)}${byDefault})`, {
      from: [[...path, 'max']],
    }),
  ];
}

function concurrency({ concurrency: { adaptive, min, max } }: ServiceConfig, path: Path, { isGiven }: CheckContext): Remark[] {
  const given = (key: string) => isGiven([...path, key]);
  if (!adaptive) {
    const idle = ['min', 'max'].filter(given);
    return idle.map((key) => error([...path, key], 'is for adaptive: true', { atKey: true, from: [[...path, 'adaptive']] }));
  }
  if (given('limit')) return [error([...path, 'limit'], 'excludes adaptive, which finds the limit by itself', { atKey: true })];
  return min > max ? [error([...path, 'min'], `is higher (${min}) than max (${max})`, { from: [[...path, 'max']] })] : [];
}

function healthCheck({ healthCheck: check }: ServiceConfig, path: Path): Remark[] {
  if (check === undefined || check.timeout <= check.interval) return [];
  const message = `is longer (${formatDuration(check.timeout)}) than interval (${formatDuration(check.interval)})`;
  return [error([...path, 'timeout'], message, { from: [[...path, 'interval']] })];
}

function hashOn({ balancer, hashOn: given }: ServiceConfig, path: Path, { isGiven }: CheckContext): Remark[] {
  if (given === undefined || balancer === 'consistentHash') return [];
  const from = isGiven([...path, 'balancer']) ? [[...path, 'balancer']] : [];
  return [
    warning([...path, 'hashOn'], `is read by no balancer: only consistentHash goes by it, and this is ${balancer}`, { atKey: true, from }),
  ];
}
