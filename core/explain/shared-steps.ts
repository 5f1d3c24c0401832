/** The steps that both gateways have before they call a service, named as in their pipelines. */

import type { Rate, RouteConfig } from '../config/schema/index.ts';
import { formatDuration } from '../config/units.ts';
import type { Context } from '../context.ts';
import { canonicalPath as canonicalPathStep } from '../middleware/canonical-path.ts';
import { clientAddress as clientAddressStep } from '../middleware/client-address.ts';
import { limits } from '../middleware/limits.ts';
import { matchRoute as matchRouteStep } from '../middleware/match-route.ts';
import { asksForDocument } from '../middleware/openapi.ts';
import { overload as overloadStep } from '../middleware/overload.ts';
import { matchedAs } from '../middleware/preflight.ts';
import { leftOf, type Quota, type QuotaRule, quotaOf, spent } from '../middleware/rate-limit.ts';
import type { Limiters } from '../middleware/rate-limiters.ts';
import { requestId } from '../middleware/request-id.ts';
import { Problem } from '../problem.ts';
import type { RouteQuery } from '../routing/route.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Pressure } from '../telemetry/pressure.ts';
import { type Findings, matchOf, refusal, runs, type Step, type Verdict } from './step.ts';

type Head = Parameters<typeof limits>[0];

/** From the connection to the path. */
export function entry({ trustedProxies, limits: bounds }: { trustedProxies: readonly string[]; limits: Head }): readonly Step[] {
  return [
    runs('requestId', requestId()),
    runs('clientAddress', clientAddressStep(trustedProxies), ({ request, ctx: { state } }) => {
      const { address, peer, trusted } = state.client;
      if (request.from === undefined) return undefined;
      return trusted && address !== peer ? `${address}, whom the trusted proxy ${peer} names` : address;
    }),
    runs('limits', limits(bounds)),
    runs('canonicalPath', canonicalPathStep(), (findings) => {
      findings.query = queryOf(findings.ctx);
      return findings.query.path;
    }),
  ];
}

function queryOf({ req, state: { target, host } }: Context): RouteQuery {
  return { method: req.method ?? '', host, path: target.path, query: target.query, headers: req.headers };
}

/** The document of what the gateway exposes, where it is asked for at a path of it. */
export function openapi(path: string | undefined): readonly Step[] {
  if (path === undefined) return [];
  const gives = { decides: '200 with the document of what the gateway exposes', allowed: true, status: 200 };
  return [{ step: 'openapi', look: ({ ctx }) => (asksForDocument(ctx, path) ? gives : undefined) }];
}

export function matchRoute(table: RouteTable, { preflights }: { preflights: boolean }): Step {
  const match = matchRouteStep(table, { preflights });
  return {
    step: 'matchRoute',
    async look(findings) {
      const { ctx } = findings;
      findings.query = { ...queryOf(ctx), ...matchedAs(ctx.req, preflights) };
      try {
        await match(ctx, () => Promise.resolve());
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem;
        const { code, options } = problem;
        return refusal(
          problem,
          code === 'no-route'
            ? 'no route takes it'
            : code === 'method-not-allowed'
              ? `allowed are ${options.headers?.['Allow']}`
              : undefined,
        );
      }
      const { route, params } = ctx.state;
      if (!route) return undefined;
      findings.match = { found: 'route', route, params };
      return { passes: `route ${route.name} (${route.template})` };
    },
  };
}

/** Of a gateway that runs. */
export function overload(pressure: Pick<Pressure, 'level'> | undefined): readonly Step[] {
  return pressure ? [runs('overload', overloadStep(pressure, { overloadRejected: { add() {} } }))] : [];
}

export interface RateLimitOptions {
  rule: QuotaRule;
  /** Who is counted, in words, where it is not known who asks. */
  counted: string;
  /** The limits that some bring by themselves, by name: each replaces the gateway's. */
  ownRates?: (route: RouteConfig) => readonly (readonly [string, Rate])[];
  /** Of a gateway that runs: what is left is looked up there. */
  limiters: Pick<Limiters, 'peek'> | undefined;
}

export function rateLimit({ rule, counted, ownRates = () => [], limiters }: RateLimitOptions): Step {
  return {
    step: 'rateLimit',
    async look(findings) {
      const { route } = matchOf(findings);
      // The anonymous are told apart by their address.
      const told = findings.ctx.state.principal.kind !== 'anonymous' || findings.request.from !== undefined;
      if (findings.knowsPrincipal && told) return known(findings, rule, limiters);
      const forRoute = rule.routeRate(route);
      if (forRoute !== undefined) return { passes: `${written(forRoute)} for ${counted}, the limit of the route` };
      const general = rule.rate === undefined ? [] : [`${written(rule.rate)} for ${counted}, the limit of the gateway`];
      const own = ownRates(route.config).map(([name, brought]) => `${written(brought)} for ${name}`);
      return own.length + general.length === 0 ? undefined : { passes: [...own, ...general].join('; ') };
    },
  };
}

async function known(findings: Findings, rule: QuotaRule, limiters: Pick<Limiters, 'peek'> | undefined): Promise<Verdict | undefined> {
  const quota = quotaOf(rule, findings.ctx);
  if (!quota) return undefined;
  findings.quota = quota;
  const says = `${written(quota.rate)} for ${quota.key}, the limit of ${ownerOf(quota, rule)}`;
  if (!limiters) return { passes: says };
  const now = await leftOf(quota, limiters);
  findings.quota = { ...quota, ...now };
  if (now.left === 0) throw spent(quota, Math.ceil(now.resetMs / 1000));
  return { passes: `${says}; ${now.left} left` };
}

const ownerOf = ({ owner, rate }: Quota, rule: QuotaRule): string =>
  owner === 'route' ? 'the route' : rate === rule.rate ? 'the gateway' : 'the caller';

const written = ({ limit, windowMs }: Rate): string => `${limit} in ${formatDuration(windowMs)}`;
