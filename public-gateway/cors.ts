/**
 * Cross-origin requests, by the Fetch standard. Stands behind matchRoute and before authenticate: a preflight carries no
 * token, and is answered here. A service's own `Access-Control-*` fields must not come through beside these.
 */
import type { CorsConfig } from '../core/config/schema/index.ts';
import type { Context, Middleware } from '../core/context.ts';
import { answer as respond } from '../core/middleware/answer.ts';
import { isPreflight } from '../core/middleware/preflight.ts';

/** The response fields that are the gateway's alone once CORS is configured. */
const corsFields: ReadonlySet<string> = new Set([
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-allow-private-network',
  'access-control-expose-headers',
  'access-control-max-age',
]);

const TOKENS = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/;

export function cors(options: CorsConfig | undefined): Middleware {
  if (options === undefined) return (_ctx, next) => next();
  const { credentials, exposeHeaders } = options;
  const admission = originRule(options);

  return function cors(ctx, next) {
    const { answer } = ctx.state;
    const { origin } = ctx.req.headers;
    ctx.state.withheld = corsFields;
    // Any other OPTIONS is an ordinary request, and needs a token where the route does.
    const preflight = isPreflight(ctx.req);
    // Always, for refused origins too: an answer without these fields must not be given by a cache to an origin that has them.
    answer.push('Vary', preflight ? 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers' : 'Origin');
    const admitted = admission(origin);
    if (admitted !== undefined) {
      const known = admitted !== '*';
      // Only an origin that is listed by name is named, and only a named one may send credentials.
      answer.push('Access-Control-Allow-Origin', admitted);
      if (known && credentials) answer.push('Access-Control-Allow-Credentials', 'true');
      if (preflight) allow(ctx, options, known);
      else if (exposeHeaders.length > 0) answer.push('Access-Control-Expose-Headers', exposeHeaders.join(', '));
    }
    if (!preflight) return next();
    respond(ctx, 204, []);
    return Promise.resolve();
  };
}

/** What `Access-Control-Allow-Origin` says to a request of the origin: the origin, if it is listed by name, or `*`. */
export function originRule({ origins }: CorsConfig): (origin: string | undefined) => string | undefined {
  const listed = new Set(origins);
  const anyOrigin = listed.delete('*');
  return (origin) => {
    if (origin === undefined) return undefined;
    return listed.has(origin) ? origin : anyOrigin ? '*' : undefined;
  };
}

function allow({ req, state: { answer } }: Context, { methods, headers, maxAge }: CorsConfig, known: boolean): void {
  const requested = req.headers['access-control-request-headers'];
  const allowed = headers?.join(', ') ?? (requested !== undefined && TOKENS.test(requested) ? requested : '');
  answer.push('Access-Control-Allow-Methods', methods.join(', '));
  if (allowed !== '') answer.push('Access-Control-Allow-Headers', allowed);
  answer.push('Access-Control-Max-Age', String(Math.floor(maxAge / 1000)));
  // Private Network Access: a page of the internet asks to call a gateway inside. Never for `*`.
  if (known && req.headers['access-control-request-private-network'] === 'true')
    answer.push('Access-Control-Allow-Private-Network', 'true');
}
