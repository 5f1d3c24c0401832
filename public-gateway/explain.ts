/** What becomes of a request at the public gateway, in the order of pipeline.ts and by its steps. */
import type { Clock } from '../core/clock.ts';
import type { CorsConfig, JwtConfig } from '../core/config/schema/index.ts';
import { cache } from '../core/explain/cache-step.ts';
import { filters } from '../core/explain/filters.ts';
import type { ExplainParts } from '../core/explain/parts.ts';
import { aggregate, forward, normalizeErrors, outgoing, tries } from '../core/explain/service-steps.ts';
import { entry, matchRoute, openapi, overload, rateLimit } from '../core/explain/shared-steps.ts';
import { type Findings, matchOf, refusal, runs, type Step } from '../core/explain/step.ts';
import { validateRequest } from '../core/explain/validate-step.ts';
import type { Principal } from '../core/identity.ts';
import { isPreflight } from '../core/middleware/preflight.ts';
import { Problem } from '../core/problem.ts';
import { describePublic } from '../core/routing/exposure.ts';
import { authorize as authorizeStep } from './authorize.ts';
import { checkPurpose, checkTimes, userOf } from './claims.ts';
import { originRule } from './cors.ts';
import { crossSite } from './cross-site.ts';
import { quotaRule } from './quota.ts';
import { tokenSource } from './token-source.ts';

export function explain(parts: ExplainParts): readonly Step[] {
  const { table, live, loaded, clock } = parts;
  const settings = loaded.config.public;
  return [
    ...entry(settings),
    ...openapi(settings.openapi),
    matchRoute(table, { preflights: settings.cors !== undefined }),
    cors(settings.cors),
    runs('crossSite', crossSite(settings.jwt, settings.cors)),
    ...overload(live?.pressure),
    authenticate(settings.jwt, clock),
    authorize,
    rateLimit({
      rule: quotaRule(settings),
      counted: 'each user, or each network of the anonymous',
      limiters: live?.limiters,
    }),
    outgoing(parts),
    filters(parts, settings),
    normalizeErrors(settings.normalizeErrors),
    validateRequest(parts),
    cache(parts),
    aggregate(parts),
    ...tries(parts),
    forward(parts),
  ];
}

function cors(options: CorsConfig | undefined): Step {
  const admission = options && originRule(options);
  return {
    step: 'cors',
    look({ request }) {
      const { origin } = request.headers;
      if (admission === undefined || origin === undefined) return undefined;
      const admitted = admission(origin);
      if (isPreflight(request)) {
        return admitted === undefined
          ? { decides: `204 without permission, for ${origin} is not listed: the browser goes no further`, allowed: false, status: 204 }
          : { decides: `204 with permission for ${admitted}: a preflight needs no token`, allowed: true, status: 204 };
      }
      return {
        passes:
          admitted === undefined
            ? `${origin} is not listed: its pages may not read the answer`
            : `pages of ${admitted} may read the answer`,
      };
    },
  };
}

/** A token is not looked into here: a description may say what is in it instead. */
function authenticate(jwt: JwtConfig | undefined, clock: Clock): Step {
  const tokenOf = jwt && tokenSource(jwt.from);
  const know = (findings: Findings, principal: Principal): { passes: string } => {
    findings.knowsPrincipal = true;
    findings.ctx.state.principal = principal;
    return { passes: principal.kind === 'user' ? `the user ${principal.subject}` : 'anonymous: a token is not looked at' };
  };
  return {
    step: 'authenticate',
    look(findings) {
      const { request, ctx } = findings;
      const { config } = matchOf(findings).route;
      if (config.expose.public?.access === 'anonymous') return know(findings, { kind: 'anonymous' });
      const asked = describePublic(config);
      const refuse = (why: string) =>
        ({ decides: `401 unauthenticated: ${why}`, allowed: false, status: 401, code: 'unauthenticated' }) as const;
      if (jwt === undefined) return refuse(`the route asks for ${asked}, and without public.jwt nobody can be authenticated`);
      if (request.principal?.kind === 'user') return know(findings, request.principal);
      // Of several that differ none is looked into, whatever they say.
      const token = tokenOf?.(ctx.req);
      if (request.claims) return know(findings, userAs(request.claims, jwt, clock));
      if (token !== undefined) return { passes: 'there is a token; whether it is valid is not looked at here' };
      return refuse(`the route asks for ${asked}, and the request has no token`);
    },
  };
}

/** The user that a verified token with these claims makes. What only a signature tells, they need not have. @throws Problem */
function userAs(claims: Readonly<Record<string, unknown>>, { clockTolerance }: JwtConfig, clock: Clock): Principal {
  checkPurpose({ alg: '', kid: undefined, typ: undefined }, claims);
  if (Object.hasOwn(claims, 'exp')) checkTimes(claims, clock.epoch(), clockTolerance);
  return userOf(claims);
}

const lookedAt = runs('authorize', authorizeStep());

const authorize: Step = {
  step: 'authorize',
  async look(findings) {
    const { config } = matchOf(findings).route;
    const { access, scopes = [], claims } = config.expose.public ?? {};
    if (access === 'anonymous' || (scopes.length === 0 && claims === undefined)) return undefined;
    const asked = describePublic(config);
    if (!findings.knowsPrincipal) return { passes: `403 unless the token has ${asked}` };
    try {
      await lookedAt.look(findings);
    } catch (problem) {
      if (problem instanceof Problem) return refusal(problem, `the route asks for ${asked}`);
      throw problem;
    }
    return { passes: `has ${asked}` };
  },
};
