/** What an operator says of endpoints that a registry found: it counts before what the registry says. */
import type { ServiceConfig } from '../config/schema/index.ts';
import type { Discovered } from '../registry/source.ts';

/** @returns the same array where nothing is said */
export function overridden(answer: readonly Discovered[], overrides: ServiceConfig['overrides']): readonly Discovered[] {
  if (overrides === undefined) return answer;
  return answer.map((found) => {
    const { host, protocol } = new URL(found.origin);
    // The port that a scheme has by itself is no part of a URL's host, but may be said.
    const own = overrides[host] ?? (/:\d+$/.test(host) ? undefined : overrides[`${host}:${protocol === 'https:' ? 443 : 80}`]);
    return own ? { ...found, ...own } : found;
  });
}
