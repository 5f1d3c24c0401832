/** A request's path through the public gateway, top to bottom. */
import type { Middleware } from '../core/context.ts';
import { chains } from '../core/filter/chains.ts';
import { filters } from '../core/filter/filters.ts';
import { accessLog } from '../core/middleware/access-log.ts';
import { aggregate } from '../core/middleware/aggregate.ts';
import { cache } from '../core/middleware/cache.ts';
import { canonicalPath } from '../core/middleware/canonical-path.ts';
import { clientAddress } from '../core/middleware/client-address.ts';
import { contractReports } from '../core/middleware/contract-reports.ts';
import { forward } from '../core/middleware/forward.ts';
import { limits } from '../core/middleware/limits.ts';
import { matchRoute } from '../core/middleware/match-route.ts';
import { metrics } from '../core/middleware/metrics.ts';
import { normalizeErrors } from '../core/middleware/normalize-errors.ts';
import { openapi } from '../core/middleware/openapi.ts';
import { overload } from '../core/middleware/overload.ts';
import { problems } from '../core/middleware/problems.ts';
import { rateLimit } from '../core/middleware/rate-limit.ts';
import { remember } from '../core/middleware/recent.ts';
import { requestId } from '../core/middleware/request-id.ts';
import { respond } from '../core/middleware/respond.ts';
import { statistics } from '../core/middleware/statistics.ts';
import { trace } from '../core/middleware/trace.ts';
import { validateRequest } from '../core/middleware/validate-request.ts';
import { validateResponse } from '../core/middleware/validate-response.ts';
import type { PipelineParts } from '../core/profile.ts';
import { authenticate } from './authenticate.ts';
import { authorize } from './authorize.ts';
import { cors } from './cors.ts';
import { crossSite } from './cross-site.ts';
import type { Identification } from './identification.ts';
import { quotaRule } from './quota.ts';

/** @param identification that of the pipelines before: keys stay at hand while their issuer is away, and tokens remembered */
export function pipeline(parts: PipelineParts, identification: Identification): Middleware[] {
  const {
    name,
    tellsInternals,
    config,
    directory,
    table,
    services,
    contracts,
    telemetry,
    log,
    clock,
    random,
    pressure,
    store,
    filterModules,
    limiters,
    holds,
  } = parts;
  const { tracer, instruments } = telemetry;
  const settings = config.public;
  const call = { name, edge: true, services, limits: settings.limits, clock, random, holds };
  const chainOf = chains({ config, general: settings.filters ?? [], modules: filterModules, call });
  const reports = contractReports({ logger: log.logger, instruments, clock });
  return [
    requestId(),
    clientAddress(settings.trustedProxies),
    trace({ tracer, continueAll: false }), // these four see the final status, whoever answers
    metrics(instruments, clock),
    statistics(parts.statistics, clock),
    accessLog({ log, clock, enabled: config.telemetry.accessLog, remember: remember({ ...parts, routes: config.routes }) }),
    problems({ name, tellsInternals }), // everything below throws
    limits(settings.limits),
    canonicalPath(),
    ...openapi(settings.openapi, parts.openapi),
    matchRoute(table, { preflights: settings.cors !== undefined }),
    cors(settings.cors), // before authenticate: a preflight has no token
    crossSite(settings.jwt, settings.cors), // before authenticate: a cookie sent by a strange page is no credential
    overload(pressure, instruments), // behind the route, for its priority; before what costs
    authenticate({ jwt: settings.jwt, directory, clock, identification }),
    authorize(),
    rateLimit({ ...quotaRule(settings), limiters, instruments }),
    respond({ name, edge: true, services, instruments, clock }, [
      // from here on each step gives back an answer, which respond writes
      filters({ chainOf, call, settings: config.filters, debug: settings.debug, tellsInternals, logger: log.logger, instruments }),
      normalizeErrors({ edge: true, byDefault: settings.normalizeErrors, clock }),
      validateRequest(call, contracts, reports), // as the service will be asked: behind the filters
      cache({ ...call, routes: config.routes, store, instruments }),
      aggregate(call), // routes made of parts answer here
      validateResponse(call, contracts, reports), // what does not fit is never stored
      forward(call),
    ]),
  ];
}
