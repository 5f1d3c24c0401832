/** The steps of a pipeline as far as a configuration and a request alone can tell, down to the one that decides. */
import type { Config, PublicExposure } from '../config/schema/index.ts';
import { formatDuration } from '../config/units.ts';
import { asProblem } from '../problem.ts';
import { canonicalHost } from '../routing/canonical-host.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import { describePrivate, describePublic, exposedThrough } from '../routing/exposure.ts';
import type { FoundRoute, RouteQuery } from '../routing/route.ts';
import { buildTable } from '../routing/table.ts';
import type { Request } from './explained-request.ts';

export interface Step {
  readonly step: string;
  readonly says: string;
}

export interface Decision {
  /** In the order of the pipeline; the last one decides. */
  readonly steps: readonly Step[];
  readonly allowed: boolean;
  readonly query?: RouteQuery;
  readonly route?: FoundRoute;
}

export function decide(config: Config, section: 'public' | 'private', request: Request): Decision {
  let query: RouteQuery;
  try {
    const target = canonicalTarget(request.target);
    query = {
      method: request.method,
      host: canonicalHost(request.host).host,
      path: target.path,
      query: target.query,
      headers: request.headers,
    };
  } catch (problem) {
    return { steps: [refusal('canonicalPath', problem)], allowed: false };
  }
  const canonical = { step: 'canonicalPath', says: query.path };
  const exposed = exposedThrough(section, config.routes);
  try {
    const match = buildTable(exposed).match(query);
    if (match.found === 'route') return { query, route: match, ...after(config, section, query, match, [canonical]) };
    const says =
      match.found === 'nothing' ? '404 no-route: no route takes it' : `405 method-not-allowed: allowed are ${match.allow.join(', ')}`;
    return { steps: [canonical, { step: 'matchRoute', says }], allowed: false, query };
  } catch (problem) {
    return { steps: [canonical, refusal('matchRoute', problem)], allowed: false, query };
  }
}

function refusal(step: string, problem: unknown): Step {
  const { code, failure, options } = asProblem(problem);
  return { step, says: `${failure.status} ${code}: ${options.detail ?? failure.title}` };
}

function after(
  config: Config,
  section: 'public' | 'private',
  query: RouteQuery,
  match: FoundRoute,
  before: readonly Step[],
): Omit<Decision, 'query' | 'route'> {
  const { config: route, template } = match.route;
  const matched = { step: 'matchRoute', says: `route ${route.name} (${template})` };
  const limit = route.expose[section]?.rateLimit;
  const limited =
    limit === undefined ? [] : [{ step: 'rateLimit', says: `${limit.limit} in ${formatDuration(limit.windowMs)}, counted for this route` }];
  const forward = { step: 'forward', says: `to the service ${route.service} as ${servicePath(query, match)}` };
  if (section === 'private') {
    const acl = { step: 'acl', says: `lets in ${describePrivate(route)}; the caller is known by its address, which is not given here` };
    return { steps: [...before, matched, acl, ...limited, forward], allowed: true };
  }
  const edge = route.expose.public ?? {};
  if (edge.access === 'anonymous')
    return {
      steps: [...before, matched, { step: 'authenticate', says: 'anonymous: a token is not looked at' }, ...limited, forward],
      allowed: true,
    };
  if (!hasToken(config, query)) {
    const says = `401 unauthenticated: the route asks for ${describePublic(route)}, and the request has no token`;
    return { steps: [...before, matched, { step: 'authenticate', says }], allowed: false };
  }
  return { steps: [...before, matched, ...asks(edge, describePublic(route)), ...limited, forward], allowed: true };
}

function asks(edge: PublicExposure, asked: string): Step[] {
  const authenticate = { step: 'authenticate', says: 'there is a token; whether it is valid is not looked at here' };
  const isAnyUser = (edge.scopes ?? []).length === 0 && edge.claims === undefined;
  return isAnyUser ? [authenticate] : [authenticate, { step: 'authorize', says: `403 unless the token has ${asked}` }];
}

function hasToken({ public: { jwt } }: Config, { headers }: RouteQuery): boolean {
  return (jwt?.from ?? []).some((source) => {
    if (source === 'bearer') return /^bearer +\S/i.test(String(headers['authorization'] ?? ''));
    return String(headers['cookie'] ?? '')
      .split(';')
      .some((pair) => pair.trim().startsWith(`${source.cookie}=`));
  });
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
