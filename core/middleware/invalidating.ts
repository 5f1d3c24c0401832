/** What an unsafe request may have changed is not given from the store any more (RFC 9111 section 4.4). */

import type { Store } from '../cache/store.ts';
import type { Answer, Context } from '../context.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import { oneOf } from '../upstream/fields.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { resourceOf } from './cache-visit.ts';

export async function invalidating(ctx: Context, next: Answer, store: Store): Promise<UpstreamResponse> {
  const { client, target } = ctx.state;
  const own = resourceOf(client.host, target.path);
  let response: UpstreamResponse;
  try {
    response = await next(ctx);
  } catch (error) {
    // Without an answer nobody knows whether it was done, unless no service can have seen it.
    const { exchange, makeshift } = ctx.state;
    if (makeshift || exchange?.attempts.some(({ begun }) => begun)) store.invalidate(own);
    throw error;
  }
  // Also what came while it was under way.
  if (store.empty || response.status < 200 || response.status >= 400) return response;
  store.invalidate(own);
  for (const field of ['location', 'content-location']) {
    const other = onSameHost(oneOf(response.headers, field), ctx);
    if (other !== undefined) store.invalidate(other);
  }
  return response;
}

/** Of another host, a service has no say. */
function onSameHost(location: string | undefined, { state: { client, target } }: Context): string | undefined {
  if (location === undefined) return undefined;
  const base = `${client.scheme}://${client.host}${target.path}`;
  if (!URL.canParse(location, base)) return undefined;
  const { origin, pathname } = new URL(location, base);
  if (origin !== new URL(base).origin) return undefined;
  try {
    return resourceOf(client.host, canonicalTarget(pathname).path);
  } catch {
    // A path that no request can have.
    return undefined;
  }
}
