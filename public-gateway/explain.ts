/** What becomes of a request at the public gateway, in the order of pipeline.ts and by its rules. */
import type { Config, CorsConfig, JwtConfig } from '../core/config/schema/index.ts';
import { filters } from '../core/explain/filters.ts';
import { cache, canonicalPath, forward, matchOf, matchRoute, rateLimit } from '../core/explain/shared-steps.ts';
import type { DescribedRequest, Step } from '../core/explain/step.ts';
import { isPreflight } from '../core/middleware/preflight.ts';
import type { ExplainParts } from '../core/profile.ts';
import { describePublic } from '../core/routing/exposure.ts';
import { originRule } from './cors.ts';
import { crossSiteRule } from './cross-site.ts';
import { tokenSource } from './token-source.ts';

export function explain(parts: ExplainParts): readonly Step[] {
  const { table } = parts;
  const settings = parts.config.public;
  return [
    canonicalPath,
    matchRoute(table, { preflights: settings.cors !== undefined }),
    cors(settings.cors),
    crossSite(settings),
    authenticate(settings.jwt),
    authorize,
    rateLimit({
      rate: settings.rateLimit,
      routeRate: ({ expose }) => expose.public?.rateLimit,
      counted: 'each user, or each network of the anonymous',
    }),
    filters({ ...parts, edge: true, settings }),
    cache,
    forward,
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
          ? { decides: `204 without permission, for ${origin} is not listed: the browser goes no further`, allowed: false }
          : { decides: `204 with permission for ${admitted}: a preflight needs no token`, allowed: true };
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

function crossSite({ jwt, cors: listed, listen }: Config['public']): Step {
  const check = crossSiteRule(jwt, listed);
  return {
    step: 'crossSite',
    look(findings) {
      const { request } = findings;
      const scheme = request.scheme ?? (listen.tls === undefined ? 'http' : 'https');
      const ownOrigin = `${scheme}://${request.host}`.toLowerCase();
      check?.(request, { route: matchOf(findings).route.config, isUpgrade: isUpgrade(request), ownOrigin });
      return undefined;
    },
  };
}

/** As the server sees one (core/server/listen.ts). */
const isUpgrade = ({ method, headers }: DescribedRequest): boolean => method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

function authenticate(jwt: JwtConfig | undefined): Step {
  const tokenOf = jwt && tokenSource(jwt.from);
  return {
    step: 'authenticate',
    look(findings) {
      const { config } = matchOf(findings).route;
      if (config.expose.public?.access === 'anonymous') return { passes: 'anonymous: a token is not looked at' };
      if (tokenOf?.(findings.request) !== undefined) return { passes: 'there is a token; whether it is valid is not looked at here' };
      const asked = describePublic(config);
      return { decides: `401 unauthenticated: the route asks for ${asked}, and the request has no token`, allowed: false };
    },
  };
}

const authorize: Step = {
  step: 'authorize',
  look(findings) {
    const { config } = matchOf(findings).route;
    const { access, scopes = [], claims } = config.expose.public ?? {};
    if (access === 'anonymous' || (scopes.length === 0 && claims === undefined)) return undefined;
    return { passes: `403 unless the token has ${describePublic(config)}` };
  },
};
