/** The steps that both gateways have, named as in their pipelines. */
import type { AggregateConfig, Rate, RouteConfig } from '../config/schema/index.ts';
import { describeServices } from '../config/service-references.ts';
import { formatDuration } from '../config/units.ts';
import { matchedAs } from '../middleware/preflight.ts';
import { canonicalHost } from '../routing/canonical-host.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import type { FoundRoute, RouteQuery } from '../routing/route.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Findings, Step } from './step.ts';

export const canonicalPath: Step = {
  step: 'canonicalPath',
  look(findings) {
    const { method, target, host, headers } = findings.request;
    const { path, query } = canonicalTarget(target);
    findings.query = { method, host: canonicalHost(host).host, path, query, headers };
    return { passes: path };
  },
};

export function matchRoute(table: RouteTable, { preflights }: { preflights: boolean }): Step {
  return {
    step: 'matchRoute',
    look(findings) {
      const query = { ...queryOf(findings), ...matchedAs(findings.request, preflights) };
      findings.query = query;
      const match = table.match(query);
      if (match.found === 'nothing') return { decides: '404 no-route: no route takes it', allowed: false };
      if (match.found === 'method-mismatch')
        return { decides: `405 method-not-allowed: allowed are ${match.allow.join(', ')}`, allowed: false };
      findings.match = match;
      return { passes: `route ${match.route.name} (${match.route.template})` };
    },
  };
}

export interface RateLimitOptions {
  /** The gateway's own limit. */
  rate: Rate | undefined;
  routeRate: (route: RouteConfig) => Rate | undefined;
  /** Who is counted, in words. */
  counted: string;
  /** The limits that some bring by themselves, by name: each replaces the gateway's. */
  ownRates?: (route: RouteConfig) => readonly (readonly [string, Rate])[];
}

export function rateLimit({ rate, routeRate, counted, ownRates = () => [] }: RateLimitOptions): Step {
  return {
    step: 'rateLimit',
    look(findings) {
      const { config } = matchOf(findings).route;
      const forRoute = routeRate(config);
      if (forRoute !== undefined) return { passes: `${written(forRoute)} for ${counted}, the limit of the route` };
      const general = rate === undefined ? [] : [`${written(rate)} for ${counted}, the limit of the gateway`];
      const own = ownRates(config).map(([name, brought]) => `${written(brought)} for ${name}`);
      return own.length + general.length === 0 ? undefined : { passes: [...own, ...general].join('; ') };
    },
  };
}

const written = ({ limit, windowMs }: Rate): string => `${limit} in ${formatDuration(windowMs)}`;

export const cache: Step = {
  step: 'cache',
  look(findings) {
    const { method } = queryOf(findings);
    if (matchOf(findings).route.config.cache === undefined || (method !== 'GET' && method !== 'HEAD')) return undefined;
    return { passes: 'unless an answer is stored that may be given' };
  },
};

export const forward: Step = {
  step: 'forward',
  look(findings) {
    const match = matchOf(findings);
    const { config } = match.route;
    const services = describeServices(config);
    if (config.aggregate) return { decides: `one answer made of ${partsOf(config.aggregate)}`, allowed: true };
    return { decides: `to the service ${services} as ${servicePath(queryOf(findings), match)}`, allowed: true };
  },
};

const partsOf = ({ parts }: AggregateConfig): string =>
  Object.entries(parts)
    .map(([name, { service, path }]) => `${name} (${path} of ${service})`)
    .join(', ');

/** The route found: for the steps behind `matchRoute`. */
export function matchOf({ match }: Findings): FoundRoute {
  if (match === undefined) throw new Error('a step that needs a route stands before matchRoute');
  return match;
}

function queryOf({ query }: Findings): RouteQuery {
  if (query === undefined) throw new Error('a step that needs the canonical path stands before canonicalPath');
  return query;
}

/** The path that the service is asked for; with claims, which only a token has, as it is written. */
function servicePath({ path, query }: RouteQuery, { route, params }: FoundRoute): string {
  const suffix = query === '' ? '' : `?${query}`;
  try {
    return `${route.rewrite(path, params, {})}${suffix}`;
  } catch {
    return `${route.config.rewrite?.path ?? path}${suffix}`;
  }
}
