/** Endpoints by DNS: one for each address that a host name has (A and AAAA), all on one port. */
import { parseDnsName } from '../config/registry-names.ts';
import { Addresses, originAt } from './addresses.ts';
import { Polling, type PollingParts } from './polling.ts';
import type { DnsResolver } from './resolver.ts';
import type { Source } from './source.ts';

/**
 * A name that does not exist any more, or has no address any more, is a failure: a mistake in a zone must not empty a service.
 *
 * @param name `host:port`, or `https://host:port`, whose certificates must be those of the host
 * @throws when it is no such name, which a configuration cannot hold
 */
export function dnsSource(name: string, resolver: DnsResolver, parts: PollingParts): Source {
  const parsed = parseDnsName(name);
  if (!parsed) throw new Error(`${name} is no name of DNS with a port`);
  const { scheme, host, port } = parsed;
  const serverName = scheme === 'https' ? host : undefined;
  const addresses = new Addresses(resolver);
  const cancel = () => resolver.cancel();
  const ask = async (signal: AbortSignal) => {
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return (await addresses.of(host)).map((address) => ({ origin: originAt(address, port, scheme), weight: 1, serverName }));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return new Polling(ask, parts);
}
