/** The registry that a gateway runs: started with it, stopped with it; with the peers that it has, one registry to those who use it. */
import { hostname } from 'node:os';
import { type AddressSet, addressSet } from '../address/address-set.ts';
import type { Clock, Random } from '../clock.ts';
import type { EmbeddedRegistryConfig } from '../config/schema/index.ts';
import { Registry } from '../registry/registry.ts';
import type { RegistryView } from '../registry/view.ts';
import { listenOn } from '../server/listen.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { RegistryLevels } from '../telemetry/levels.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ChangeStream } from './change-stream.ts';
import type { PeerState } from './peer.ts';
import { PeerSync } from './peer-sync.ts';
import { addressesOf, Peers } from './peers.ts';
import { createEurekaServer } from './server.ts';

export interface EmbeddedRegistry {
  /** Who is there, and who comes and goes, without a round trip. */
  readonly view: RegistryView;
  /** The registries that are told what happens in this one, as it is with each of them now. */
  readonly peers: readonly PeerState[];
  /** Whether it says who is there: it has what its peers have, or has waited long enough for it. */
  readonly ready: boolean;
  /** That it answers. */
  readonly paths: readonly string[];
  /** Starts listening; resolves with where, e.g. `http://127.0.0.1:8761/eureka`. @throws the system's error, e.g. EADDRINUSE */
  listen(): Promise<string>;
  /** Sends everybody to another server from now on; peers are still told what they were not. */
  drain(): void;
  /** Stops at once; resolves when the peers know what they were not told yet. */
  close(): Promise<void>;
}

export interface EmbeddedRegistryParts {
  readonly config: EmbeddedRegistryConfig;
  readonly admits: AddressSet;
  /** URLs by which the gateways find it, among others perhaps. */
  readonly alsoAt?: readonly string[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly instruments: Pick<Instruments, 'registries' | 'registryEvictions' | 'registryRefused'>;
}

export function createEmbeddedRegistry(parts: EmbeddedRegistryParts): EmbeddedRegistry {
  const { config, admits, clock, random, logger, instruments } = parts;
  const { strictEureka: strict, peers: urls, waitWhenEmpty: wait } = config;
  const registry = new Registry({ clock, random, strict });
  const changes = new ChangeStream(registry);
  const peers = new Peers(urls, { registry, clock, logger });
  const sync = new PeerSync({ urls, wait, registry, clock, logger });
  let draining = false;
  const server = createEurekaServer({
    registry,
    changes,
    clock,
    logger,
    strict,
    admits,
    names: new Set([config.host, hostname(), ...[...urls, ...(parts.alsoAt ?? [])].map((url) => new URL(url).hostname)].map(lower)),
    admitsPeer: addressSet(addressesOf(urls)),
    standing: {
      identity: peers.identity,
      get draining() {
        return draining;
      },
      get ready() {
        return sync.ready;
      },
    },
    tell: (task) => peers.tell(task),
    onCancel: (app, id) => sync.forget(app, id),
    peers: () => peers.states,
    onRefused: (status) => instruments.registryRefused.add(1, { 'http.response.status_code': status }),
  });
  const levels: RegistryLevels = {
    statuses: () => registry.statuses,
    applications: () => registry.applications,
    renewals: () => registry.renewals,
    readers: () => changes.readers,
    peers: () => peers.states,
  };
  instruments.registries.add(levels);
  // Reported as none from the start, and not first with the first.
  instruments.registryEvictions.add(0);
  const evicting = setInterval(() => {
    const count = registry.evict();
    if (count === 0) return;
    instruments.registryEvictions.add(count);
    logger.warn({ event: 'registry-evicted', count, left: registry.size });
  }, registry.evictionInterval).unref();
  return {
    view: registry,
    paths: server.paths,
    get peers() {
      return peers.states;
    },
    get ready() {
      return sync.ready;
    },
    async listen() {
      const address = await listenOn(server, config);
      sync.start();
      return `http://${address}/eureka`;
    },
    drain() {
      draining = true;
    },
    async close() {
      clearInterval(evicting);
      instruments.registries.delete(levels);
      sync.close();
      changes.close();
      server.close();
      server.closeAllConnections();
      await peers.close();
    },
  };
}

const lower = (name: string): string => name.toLowerCase();
