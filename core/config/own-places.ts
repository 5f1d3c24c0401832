/** Where the gateways have what is for operators and services alone: a route that leads there would show it to whoever may use the route. */
import type { Path } from './finding.ts';
import { hostOf, isEveryAddress, isLoopback } from './hosts.ts';
import type { Config } from './schema/index.ts';

export interface OwnPlace {
  /** What it is, in the configuration's own words: `public.admin`, `private.admin`, `registry.embedded`. */
  readonly path: Path;
  readonly host: string;
  readonly port: number;
}

/** Without those at port 0, of which nobody knows yet where they will be. */
export function ownPlaces({ public: edge, private: inside, registry: { embedded } }: Config): readonly OwnPlace[] {
  const places: OwnPlace[] = [
    { ...edge.admin, path: ['public', 'admin'] },
    { ...inside.admin, path: ['private', 'admin'] },
    ...(embedded ? [{ ...embedded, path: ['registry', 'embedded'] }] : []),
  ];
  return places.filter(({ port }) => port !== 0);
}

/**
 * The one that is at this URL, as far as names and addresses tell.
 *
 * @param machine what else this machine is called: its name and addresses, where they are known
 */
export function ownPlaceAt(url: URL, places: readonly OwnPlace[], machine: ReadonlySet<string> = NOTHING): OwnPlace | undefined {
  const port = Number(url.port || (url.protocol === 'https:' || url.protocol === 'wss:' ? 443 : 80));
  const host = hostOf(url).toLowerCase();
  return places.find((place) => place.port === port && (isHere(host, place.host) || (isEveryAddress(place.host) && machine.has(host))));
}

const NOTHING: ReadonlySet<string> = new Set();

/** Whether who listens there is called by this host, of which names only the machine itself can know. */
function isHere(host: string, listening: string): boolean {
  if (host === listening || host === mapped(listening)) return true;
  // Every address of the machine leads to the loopback of it, too, as the unspecified one does.
  if (isEveryAddress(listening)) return isLoopback(host) || isEveryAddress(host) || host === '::ffff:7f00:1';
  return isLoopback(listening) && (host === 'localhost' || isEveryAddress(host));
}

/** An IPv4 address as URLs write it inside IPv6: `::ffff:7f00:1`. */
function mapped(host: string): string | undefined {
  const url = /^\d+(\.\d+){3}$/.test(host) ? URL.parse(`http://[::ffff:${host}]`) : null;
  return url ? hostOf(url) : undefined;
}
