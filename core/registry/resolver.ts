/** Questions to DNS servers: those of the system, or those that the configuration names. */
import { Resolver } from 'node:dns/promises';

/** What a source asks; rejects as `node:dns` does, with a `code`. */
export type DnsResolver = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv' | 'cancel'>;

/** Milliseconds for the first of two tries; the second waits twice as long. */
const TIMEOUT = 1_000;

/** A resolver of its own for each source, since cancelling ends all questions of a resolver. */
export function createResolver(servers: readonly string[] | undefined): DnsResolver {
  const resolver = new Resolver({ timeout: TIMEOUT, tries: 2 });
  if (servers) resolver.setServers(servers);
  return resolver;
}

/** Whether DNS has said that there is nothing, which is no failure to answer (RFC 2308). */
export function isAbsent(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENODATA' || code === 'ENOTFOUND';
}
