/** Fields by which browsers are careful with a page (OWASP Secure Headers), where the service has none of its own. */
import type { BuiltInOptions } from '../../config/schema/index.ts';
import type { BuiltIn } from './built-in.ts';

const DEFAULTS: Readonly<Record<string, string>> = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Permitted-Cross-Domain-Policies': 'none',
};

export function secureHeaders(given: BuiltInOptions['secureHeaders']): BuiltIn {
  const named = new Map(Object.entries(DEFAULTS).map(([name, value]) => [name.toLowerCase(), [name, value] as const]));
  for (const [name, value] of Object.entries(given)) named.set(name.toLowerCase(), [name, value]);
  const fields = [...named.values()].filter(([, value]) => value !== '');
  return {
    stage: 'post',
    run({ ctx, response: { headers } }) {
      for (const [name, value] of fields) {
        // RFC 6797 section 7.2: not over plain HTTP.
        if (name.toLowerCase() === 'strict-transport-security' && ctx.state.client.scheme !== 'https') continue;
        if (!headers.has(name)) headers.set(name, value);
      }
    },
  };
}
