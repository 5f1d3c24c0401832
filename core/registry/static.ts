/** The endpoints that the configuration names: a source whose first answer is its last. */
import type { ServiceConfig } from '../config/schema/index.ts';
import type { Discovered, Source } from './source.ts';

export function staticSource(endpoints: NonNullable<ServiceConfig['endpoints']>): Source {
  const answer = endpoints.map((given): Discovered => {
    const { url, weight = 1, zone, drain } = typeof given === 'string' ? { url: given } : given;
    return { origin: originOf(url), weight, zone, drain };
  });
  return { answer, failure: undefined, fixed: true, start: (onChange) => onChange(), stop() {} };
}

/** `ws` and `wss` name the same addresses as `http` and `https`. */
function originOf(url: string): string {
  return new URL(url.replace(/^ws/, 'http')).origin;
}
