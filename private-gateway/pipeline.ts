/** A request's path through the private gateway, top to bottom. */
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
import { acl } from './acl.ts';
import { admitsPart } from './admits-part.ts';
import { identifyCaller } from './identify-caller.ts';
import { quotaRule } from './quota.ts';

export function pipeline(parts: PipelineParts): Middleware[] {
  const {
    name,
    tellsInternals,
    config,
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
  const settings = config.private;
  const call = { name, edge: false, services, limits: settings.limits, clock, random, holds };
  const chainOf = chains({ config, general: settings.filters ?? [], modules: filterModules, call });
  const reports = contractReports({ logger: log.logger, instruments, clock });
  return [
    requestId(),
    clientAddress(settings.trustedProxies),
    trace({ tracer, continueAll: true }), // inside, every peer's trace is the same trace; these four see the final status
    metrics(instruments, clock),
    statistics(parts.statistics, clock),
    accessLog({ log, clock, enabled: config.telemetry.accessLog, remember: remember({ ...parts, routes: config.routes }) }),
    problems({ name, tellsInternals }), // everything below throws
    limits(settings.limits),
    canonicalPath(),
    identifyCaller(settings.callers), // before the route: a stranger learns nothing of what there is
    ...openapi(settings.openapi, parts.openapi),
    matchRoute(table, { preflights: false }),
    overload(pressure, instruments), // behind the route, for its priority; before all that costs
    acl(),
    rateLimit({ ...quotaRule(settings), limiters, instruments }),
    respond({ name, edge: false, services, instruments, clock }, [
      // from here on each step gives back an answer, which respond writes
      filters({ chainOf, call, settings: config.filters, debug: settings.debug, tellsInternals, logger: log.logger, instruments }),
      normalizeErrors({ edge: false, byDefault: settings.normalizeErrors, clock }),
      validateRequest(call, contracts, reports), // as the service will be asked: behind the filters
      cache({ ...call, routes: config.routes, store, instruments }),
      aggregate(call, admitsPart(table)), // routes made of parts answer here; a part is no way around the list
      validateResponse(call, contracts, reports), // what does not fit is never stored
      forward(call),
    ]),
  ];
}
