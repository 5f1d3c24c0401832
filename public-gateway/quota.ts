/** Whose requests are counted together at the edge, and against which limit. */
import { subscriber } from '../core/address/address.ts';
import type { PublicConfig } from '../core/config/schema/gateways.ts';
import type { Context } from '../core/context.ts';
import type { QuotaRule } from '../core/middleware/rate-limit.ts';

export function quotaRule({ rateLimit }: Pick<PublicConfig, 'rateLimit'>): QuotaRule {
  return { rate: rateLimit, routeRate: (route) => route.config.expose.public?.rateLimit, subject };
}

/** Users are counted by name, wherever they are; the anonymous by the network they come from. */
function subject({ state: { principal, client } }: Context): { key: string } {
  return { key: principal.kind === 'user' ? `user:${principal.subject}` : `address:${subscriber(client.address)}` };
}
