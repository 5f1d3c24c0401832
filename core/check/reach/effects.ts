/** What a route does with a request that it lets in: which services it leads to, and what it holds against it on the way. */
import type { Config, FilterEntry, Rate, RouteCacheConfig } from '../../config/schema/index.ts';
import type { Route } from '../../routing/route.ts';

type Section = 'public' | 'private';

export interface Side {
  readonly config: Config;
  readonly route: Route;
}

/** Filters that have no say in what a service is asked: they only change answers, or hold requests up. */
const HARMLESS = new Set([
  'setResponseHeader',
  'addResponseHeader',
  'removeResponseHeader',
  'secureHeaders',
  'compress',
  'setStatus',
  'rewriteLocation',
  'delay',
]);

/** Where requests go now and did not before, as `orders`, or `orders as /x`. */
export function newTargets(before: Side, after: Side): readonly string[] {
  const known = targets(before);
  return targets(after).flatMap((target) => (known.some((one) => covers(one, target)) ? [] : [target.said]));
}

interface Target {
  readonly service: string;
  readonly address: string;
  readonly how: string;
  /** What a request must have to go there, where a branch of a split has no other share. */
  readonly when?: string | undefined;
  readonly said: string;
}

const covers = (one: Target, other: Target): boolean =>
  one.how === other.how && isSame(one, other) && (one.when === undefined || one.when === other.when);

/** A service under a new name is the same one when it stands at the same addresses. */
const isSame = (one: Target, other: Target): boolean => one.service === other.service || one.address === other.address;

function targets({ config, route }: Side): readonly Target[] {
  const { service, split = [], aggregate, fallback, rewrite } = route.config;
  const own = [
    ...[service, fallback?.service].flatMap((name) => (name === undefined ? [] : [{ name, when: undefined }])),
    ...split.flatMap(({ service: name, weight, match }) => {
      const when = weight > 0 ? undefined : JSON.stringify(match);
      return weight > 0 || match !== undefined ? [{ name, when }] : [];
    }),
  ];
  const how = rewrite === undefined ? '' : byPosition(JSON.stringify([rewrite.path, rewrite.stripPrefix, rewrite.prefixPath]), route);
  const path = rewrite?.path ?? rewrite?.prefixPath;
  const said = rewrite === undefined ? '' : path === undefined ? ` without ${rewrite.stripPrefix}` : ` as ${path}`;
  return [
    ...own.map(({ name, when }) => ({ service: name, address: addressOf(config, name), how, when, said: `${name}${said}` })),
    ...Object.values(aggregate?.parts ?? {}).map((part) => ({
      service: part.service,
      address: addressOf(config, part.service),
      how: `part ${byPosition(part.path, route)}`,
      said: `${part.service} as ${part.path}`,
    })),
  ];
}

function addressOf({ services }: Config, name: string): string {
  const { endpoints, registry, name: known } = services[name] ?? {};
  return JSON.stringify(registry === undefined ? (endpoints ?? name) : [registry, known ?? name]);
}

/** Parameters by the element that they take: their names are the author's. */
function byPosition(text: string, { path }: Route): string {
  const elements = path.kind === 'expression' ? [] : path.elements;
  return text.replace(/\{([^{}]*)\}/g, (written, name: string) => {
    const at = elements.findIndex(({ param }) => param === name);
    return at === -1 ? written : `{${at}}`;
  });
}

/** What held requests back and no longer does, each in words that read on from "it" or stand alone. */
export function heldBackNoMore(section: Section, before: Side, after: Side): readonly string[] {
  const [then, now] = [before.route.config, after.route.config];
  const found: string[] = [];
  const filters = [filtersOf(section, before), filtersOf(section, after)].map((list) => list.map((entry) => JSON.stringify(entry)));
  if (filters[0]?.join() !== filters[1]?.join()) found.push('other filters act on the request');
  if (then.validate?.request === 'enforce' && now.validate?.request !== 'enforce') found.push('the contract is no longer enforced');
  if (then.operation !== undefined && now.operation !== then.operation) found.push(`it is not for ${then.operation} alone`);
  const upgrades = (now.upgrade ?? []).filter((protocol) => !then.upgrade?.includes(protocol));
  if (upgrades.length > 0) found.push(`it upgrades to ${upgrades.join(', ')}`);
  found.push(...sharedMore(then.cache, now.cache));
  if (section === 'public') {
    const rate = looser(
      then.expose.public?.rateLimit ?? before.config.public.rateLimit,
      now.expose.public?.rateLimit ?? after.config.public.rateLimit,
    );
    if (rate !== undefined) found.push(rate);
  }
  return found;
}

/** What told stored answers apart and no longer does. */
function sharedMore(before: RouteCacheConfig | undefined, after: RouteCacheConfig | undefined): readonly string[] {
  if (before === undefined || after === undefined) return [];
  const perUser = before.perUser && !after.perUser ? ['stored answers are no longer kept for each user apart'] : [];
  const gone = (['headers', 'cookies', 'query'] as const).filter((kind) => {
    const [then, now] = [before.key?.[kind], after.key?.[kind]];
    // Without a list it is the whole query, and perhaps all cookies.
    if (kind !== 'headers' && then === undefined) return now !== undefined;
    return !(kind === 'query' && now === undefined) && then?.some((name) => !now?.includes(name));
  });
  return [...perUser, ...(gone.length === 0 ? [] : [`stored answers are told apart by less: ${gone.join(', ')}`])];
}

/** The same of the limit of one caller, by its names before and after. */
export function looserForCaller(before: Side & { caller: string }, after: Side & { caller: string }): string | undefined {
  const [then, now] = [before, after].map(({ config, route, caller }) => {
    const { callers, rateLimit } = config.private;
    return route.config.expose.private?.rateLimit ?? callers[caller]?.rateLimit ?? rateLimit;
  });
  return looser(then, now);
}

function looser(before: Rate | undefined, after: Rate | undefined): string | undefined {
  if (before === undefined) return undefined;
  if (after === undefined) return 'there is no rate limit any more';
  const more = after.limit > before.limit || after.limit * before.windowMs > before.limit * after.windowMs;
  return more ? `the rate limit is ${rate(after)}, not ${rate(before)}` : undefined;
}

const rate = ({ limit, windowMs }: Rate): string => `${limit} in ${windowMs / 1000} s`;

function filtersOf(section: Section, { config, route }: Side): readonly FilterEntry[] {
  const { off } = config.filters;
  return [...(config[section].filters ?? []), ...(route.config.filters ?? [])].filter((entry) => {
    const name = typeof entry === 'string' ? entry : (Object.keys(entry)[0] ?? '');
    return !HARMLESS.has(name) && !off.includes(name);
  });
}

/** What of a configuration bears on what all routes do, apart from themselves: equal texts, equal bearing. */
export function bearing(section: Section, config: Config): string {
  const { callers, rateLimit, filters, listen, openapi } = { callers: undefined, ...config[section] };
  const services = Object.keys(config.services).map((name) => [name, addressOf(config, name)]);
  return JSON.stringify([callers, rateLimit, filters, listen.tls, openapi, config.filters.off, services]);
}
