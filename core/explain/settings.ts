/** The settings that apply to a request, and where each was written. */
import type { Path } from '../config/finding.ts';
import { formatDuration } from '../config/units.ts';
import type { ExplainParts } from './parts.ts';
import type { Findings } from './step.ts';

export interface Setting {
  /** As its key is called: `timeouts.attempt`. */
  readonly name: string;
  /** As it would be written. */
  readonly value: string;
  /** `postern.yaml:14:5`, or `default`. */
  readonly from: string;
}

const percentage = (fraction: number): string => `${Math.round(fraction * 1e6) / 1e4}%`;

export function settingsOf({ loaded, section }: ExplainParts, { match, service, parts, quota, ctx }: Findings): readonly Setting[] {
  const { config, placeOf } = loaded;
  const settings: Setting[] = [];
  const tell = (name: string, value: string | number | boolean, path: Path) => {
    const place = placeOf(path);
    settings.push({ name, value: String(value), from: place ? `${place.file}:${place.line}:${place.column}` : 'default' });
  };
  const { limits } = config[section];
  if (!match) return settings;
  const at = config.routes.indexOf(match.route.config);
  const called = service === undefined ? undefined : config.services[service];
  if (called && service !== undefined) {
    const place = (...path: Path): Path => ['services', service, ...path];
    const { timeouts, retry, circuitBreaker, concurrency } = called;
    for (const key of ['connect', 'attempt', 'request', 'idle'] as const)
      tell(`timeouts.${key}`, formatDuration(timeouts[key]), place('timeouts', key));
    tell('retry.attempts', retry.attempts, place('retry', 'attempts'));
    tell('retry.on', retry.on.join(', '), place('retry', 'on'));
    tell('retry.methods', retry.methods.join(', '), place('retry', 'methods'));
    tell('retry.budget', percentage(retry.budget), place('retry', 'budget'));
    for (const key of ['base', 'max'] as const)
      tell(`retry.backoff.${key}`, formatDuration(retry.backoff[key]), place('retry', 'backoff', key));
    tell('circuitBreaker.requestVolume', circuitBreaker.requestVolume, place('circuitBreaker', 'requestVolume'));
    tell('circuitBreaker.errorThreshold', percentage(circuitBreaker.errorThreshold), place('circuitBreaker', 'errorThreshold'));
    for (const key of ['window', 'sleepWindow'] as const)
      tell(`circuitBreaker.${key}`, formatDuration(circuitBreaker[key]), place('circuitBreaker', key));
    if (circuitBreaker.force !== undefined) tell('circuitBreaker.force', circuitBreaker.force, place('circuitBreaker', 'force'));
    if (concurrency.adaptive)
      for (const key of ['min', 'max'] as const) tell(`concurrency.${key}`, concurrency[key], place('concurrency', key));
    else tell('concurrency.limit', concurrency.limit, place('concurrency', 'limit'));
    tell('concurrency.queue', concurrency.queue, place('concurrency', 'queue'));
    tell('balancer', called.balancer, place('balancer'));
  }
  for (const { name, service: its } of parts ?? []) {
    const within = match.route.config.aggregate?.parts[name]?.timeout;
    if (within !== undefined) tell(`parts.${name}.timeout`, formatDuration(within), ['routes', at, 'aggregate', 'parts', name, 'timeout']);
    const { timeouts } = config.services[its] ?? {};
    if (timeouts) tell(`parts.${name}: timeouts.request`, formatDuration(timeouts.request), ['services', its, 'timeouts', 'request']);
  }
  tell('priority', match.route.config.priority, ['routes', at, 'priority']);
  if (quota) {
    const { principal } = ctx.state;
    const own = principal.kind === 'caller' && quota.rate === principal.rateLimit ? ['private', 'callers', principal.name] : [section];
    const owner: Path = quota.owner === 'route' ? ['routes', at, 'expose', section] : own;
    tell('rateLimit', `${quota.rate.limit}/${formatDuration(quota.rate.windowMs).replace(/^1(?=[a-z])/, '')}`, [...owner, 'rateLimit']);
  }
  tell('limits.body', bytes(limits.body), [section, 'limits', 'body']);
  return settings;
}

/** The largest unit that divides it. */
function bytes(value: number): string {
  for (const [unit, factor] of [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const)
    if (value >= factor && value % factor === 0) return `${value / factor}${unit}`;
  return `${value}B`;
}
