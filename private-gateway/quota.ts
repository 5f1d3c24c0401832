/** Whose requests are counted together inside, and against which limit. */
import type { PrivateConfig } from '../core/config/schema/gateways.ts';
import type { Context } from '../core/context.ts';
import type { QuotaRule } from '../core/middleware/rate-limit.ts';

export function quotaRule({ rateLimit }: Pick<PrivateConfig, 'rateLimit'>): QuotaRule {
  return { rate: rateLimit, routeRate: (route) => route.config.expose.private?.rateLimit, subject };
}

/** Each calling service is counted by its name, with the limit it brings. */
function subject({ state: { principal } }: Context): ReturnType<QuotaRule['subject']> {
  return principal.kind === 'caller' ? { key: principal.name, rate: principal.rateLimit } : { key: 'nobody' };
}
