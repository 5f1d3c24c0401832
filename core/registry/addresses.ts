/** The addresses of a host name, of both families, each of which may fail by itself. */

import { bracketed } from '../config/hosts.ts';
import { type DnsResolver, isAbsent } from './resolver.ts';

export class Addresses {
  readonly #resolver: DnsResolver;
  readonly #last = { 4: [] as string[], 6: [] as string[] };

  constructor(resolver: DnsResolver) {
    this.#resolver = resolver;
  }

  /** Those that are to be used now: of a family whose last question failed, those before it. */
  get last(): readonly string[] {
    return [...this.#last[4], ...this.#last[6]];
  }

  /**
   * At least one address, IPv4 first, each family sorted. A family whose question fails keeps its last answer while the other
   * one is answered, unless the server said that it has none.
   *
   * @throws what DNS said, when neither question was answered with an address
   */
  async of(host: string): Promise<readonly string[]> {
    const asked = await Promise.allSettled([this.#resolver.resolve4(host), this.#resolver.resolve6(host)]);
    this.#keep(4, asked[0]);
    this.#keep(6, asked[1]);
    // An alias that leads nowhere is an answer too, without an address.
    if (asked.some((one) => one.status === 'fulfilled' && one.value.length > 0)) return this.last;
    const reasons = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    throw reasons.find((reason) => !isAbsent(reason)) ?? reasons[0] ?? new Error(`${host} has no address`);
  }

  #keep(family: 4 | 6, asked: PromiseSettledResult<string[]>): void {
    if (asked.status === 'fulfilled') this.#last[family] = asked.value.toSorted();
    else if (isAbsent(asked.reason)) this.#last[family] = [];
  }
}

/** `http://10.0.0.7:8080`, `https://[fd00::7]:8443`. */
export function originAt(address: string, port: number, scheme: 'http' | 'https' = 'http'): string {
  return new URL(`${scheme}://${bracketed(address)}:${port}`).origin;
}
