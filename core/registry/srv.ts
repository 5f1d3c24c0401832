/** Endpoints by DNS SRV records (RFC 2782), which have ports, weights and priorities. */
import type { SrvRecord } from 'node:dns';
import { Addresses, originAt } from './addresses.ts';
import { Polling, type PollingParts } from './polling.ts';
import type { DnsResolver } from './resolver.ts';
import type { Discovered, Source } from './source.ts';

/**
 * Beside others, RFC 2782 gives a target of weight 0 "a very small chance of being selected"; a hundredth of the least of the
 * others is that.
 */
const SCALE = 100;

/**
 * The endpoints of the lowest priority number of which a target has an address; the others stand by until DNS drops these.
 * Targets are resolved by the same servers.
 *
 * @param name such as `_http._tcp.search.internal`
 */
export function srvSource(name: string, resolver: DnsResolver, parts: PollingParts): Source {
  let known = new Map<string, Addresses>();

  const endpointsOf = async (records: readonly SrvRecord[]): Promise<readonly Discovered[]> => {
    const answers = await Promise.allSettled(
      records.map(async ({ name: target, port, weight }) => {
        const addresses = await (known.get(target) ?? remember(target)).of(target);
        // The record's share is that of the target, however many addresses it has.
        const share = Math.max(1, weight * SCALE) / addresses.length;
        return addresses.map((address): Discovered => ({ origin: originAt(address, port), weight: share }));
      }),
    );
    const found = new Map<string, Discovered>();
    for (const answer of answers) {
      if (answer.status === 'rejected') continue;
      for (const { origin, weight } of answer.value) found.set(origin, { origin, weight: weight + (found.get(origin)?.weight ?? 0) });
    }
    const failed = answers.find(({ status }) => status === 'rejected');
    if (found.size === 0 && failed?.status === 'rejected') throw failed.reason;
    return [...found.values()];
  };
  const remember = (target: string): Addresses => {
    const addresses = new Addresses(resolver);
    known.set(target, addresses);
    return addresses;
  };

  const ask = async (signal: AbortSignal): Promise<readonly Discovered[]> => {
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const records = (await resolver.resolveSrv(name)).filter(usable);
      const targets = new Set(records.map((record) => record.name));
      known = new Map([...known].filter(([target]) => targets.has(target)));
      const priorities = [...new Set(records.map(({ priority }) => priority))].sort((a, b) => a - b);
      let problem: unknown = new Error(`${name} has no target`);
      for (const wanted of priorities) {
        try {
          return await endpointsOf(records.filter(({ priority }) => priority === wanted));
        } catch (error) {
          problem = error;
        }
      }
      throw problem;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return new Polling(ask, parts);
}

/** A target of "." means that the service is decidedly not there (RFC 2782). */
function usable({ name, port }: SrvRecord): boolean {
  return name !== '' && name !== '.' && port > 0;
}
