/** Endpoints by DNS: one for each address that a host name has (A and AAAA), all on one port. */
import { Addresses, originAt } from './addresses.ts';
import { Polling, type PollingParts } from './polling.ts';
import type { DnsResolver } from './resolver.ts';
import type { Source } from './source.ts';

/**
 * @param name `host:port`
 *
 * A name that does not exist any more, or has no address any more, is a failure: a mistake in a zone must not empty a service.
 */
export function dnsSource(name: string, resolver: DnsResolver, parts: PollingParts): Source {
  const colon = name.lastIndexOf(':');
  const [host, port] = [name.slice(0, colon), Number(name.slice(colon + 1))];
  const addresses = new Addresses(resolver);
  const cancel = () => resolver.cancel();
  const ask = async (signal: AbortSignal) => {
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return (await addresses.of(host)).map((address) => ({ origin: originAt(address, port), weight: 1 }));
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return new Polling(ask, parts);
}
