/** Endpoints by DNS SRV records (RFC 2782), which have ports, weights and priorities. */
import type { SrvRecord } from 'node:dns';
import { parseSrvName, type SrvName } from '../config/registry-names.ts';
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
 * Certificates must be those of the domain that is asked for, not of the targets: whoever can forge an answer of DNS would choose
 * these (RFC 9525 section 6.1).
 *
 * Every target is resolved by the same servers. One that has no address is left out while another has one; one whose question
 * fails keeps those it had.
 *
 * @param name such as `_http._tcp.search.internal`, `_https._tcp.search.internal` or `https://_search._tcp.search.internal`
 * @throws when it is no such name, which a configuration cannot hold
 */
export function srvSource(name: string, resolver: DnsResolver, parts: PollingParts): Source {
  const parsed = parseSrvName(name);
  if (!parsed) throw new Error(`${name} is no name of SRV records`);
  let known = new Map<string, Addresses>();
  const cancel = () => resolver.cancel();

  const ask = async (signal: AbortSignal): Promise<readonly Discovered[]> => {
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const targets = (await resolver.resolveSrv(parsed.record)).filter(usable);
      if (targets.length === 0) throw new Error(`${parsed.record} has no target`);
      known = new Map(targets.map((record) => [record.name, known.get(record.name) ?? new Addresses(resolver)]));
      const asked = await Promise.allSettled(targets.map(({ name: target }) => known.get(target)?.of(target)));
      const failed = asked.find(({ status }) => status === 'rejected');
      if (failed?.status === 'rejected' && asked.every(({ status }) => status === 'rejected')) throw failed.reason;
      return merged(targets.flatMap((target) => endpointsOf(parsed, target, known.get(target.name)?.last ?? [])));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return new Polling(ask, parts);
}

function endpointsOf(
  { scheme, domain }: SrvName,
  { port, weight, priority }: SrvRecord,
  addresses: readonly string[],
): readonly Discovered[] {
  // The record's share is that of the target, however many addresses it has.
  const share = Math.max(1, weight * SCALE) / addresses.length;
  const serverName = scheme === 'https' ? domain : undefined;
  return addresses.map((address) => ({ origin: originAt(address, port, scheme), weight: share, priority, serverName }));
}

/** Each address once, with all its shares, and the lowest of its priorities. */
function merged(endpoints: readonly Discovered[]): readonly Discovered[] {
  const found = new Map<string, Discovered>();
  for (const one of endpoints) {
    const earlier = found.get(one.origin);
    const priority = Math.min(one.priority ?? 0, earlier?.priority ?? Number.POSITIVE_INFINITY);
    found.set(one.origin, { ...one, weight: one.weight + (earlier?.weight ?? 0), priority });
  }
  return [...found.values()];
}

/** A target of "." means that the service is decidedly not there (RFC 2782). */
function usable({ name, port }: SrvRecord): boolean {
  return name !== '' && name !== '.' && port > 0;
}
