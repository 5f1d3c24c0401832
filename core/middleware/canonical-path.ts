/** The one path and host that matching, authorization and forwarding all use (routing/canonical-path.ts). */
import type { Middleware } from '../context.ts';
import { canonicalHost } from '../routing/canonical-host.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';

export function canonicalPath(): Middleware {
  return function canonicalPath(ctx, next) {
    const { state } = ctx;
    const target = canonicalTarget(ctx.req.url ?? '');
    state.target = target;
    // An absolute-form target overrides Host (RFC 9112 section 3.2.2).
    if (target.authority !== undefined) state.client = { ...state.client, host: target.authority };
    // HTTP/1.0 knows no Host; such a request matches only routes that name none.
    state.host = state.client.host === '' && ctx.req.httpVersion === '1.0' ? '' : canonicalHost(state.client.host).host;
    return next();
  };
}
