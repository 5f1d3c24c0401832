/** Two endpoints of a service with the same address would get twice the share, and twice the failures, of one; one of several must take requests. */

import { error, type Remark, warning } from '../finding.ts';
import type { Check } from './check.ts';

export const endpoints: Check = ({ services }) =>
  Object.entries(services).flatMap(([name, service]) => {
    const first = new Map<string, number>();
    const remarks: Remark[] = [];
    for (const [index, endpoint] of (service.endpoints ?? []).entries()) {
      const url = typeof endpoint === 'string' ? endpoint : endpoint.url;
      const address = addressOf(url);
      const earlier = first.get(address);
      const path = ['services', name, 'endpoints', index];
      if (earlier === undefined) first.set(address, index);
      else remarks.push(error(path, `is the address of endpoints[${earlier}] again; give that one a weight instead`));
    }
    const drains = (service.endpoints ?? []).map((endpoint) => typeof endpoint !== 'string' && endpoint.drain === true);
    if (drains.length > 0 && drains.every(Boolean))
      remarks.push(warning(['services', name, 'endpoints'], 'drain, all of them: nobody is left to answer', { atKey: true }));
    return remarks;
  });

/** `ws` and `http` to one address are one endpoint: a WebSocket begins as an HTTP request. */
function addressOf(url: string): string {
  return URL.parse(url.replace(/^ws/, 'http'))?.origin ?? url;
}
