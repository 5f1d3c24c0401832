/** The registry that a gateway runs: started with it, stopped with it. */
import type { AddressSet } from '../address/address-set.ts';
import type { Clock, Random } from '../clock.ts';
import type { EmbeddedRegistryConfig } from '../config/schema/index.ts';
import { Registry } from '../registry/registry.ts';
import type { RegistryView } from '../registry/view.ts';
import { listenOn } from '../server/listen.ts';
import type { Logger } from '../telemetry/logger.ts';
import { ChangeStream } from './change-stream.ts';
import { createEurekaServer } from './server.ts';

export interface EmbeddedRegistry {
  /** Who is there, and who comes and goes, without a round trip. */
  readonly view: RegistryView;
  /** Starts listening; resolves with where, e.g. `http://127.0.0.1:8761/eureka`. @throws the system's error, e.g. EADDRINUSE */
  listen(): Promise<string>;
  close(): void;
}

export interface EmbeddedRegistryParts {
  readonly config: EmbeddedRegistryConfig;
  readonly admits: AddressSet;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export function createEmbeddedRegistry({ config, admits, clock, random, logger }: EmbeddedRegistryParts): EmbeddedRegistry {
  const { strictEureka: strict } = config;
  const registry = new Registry({ clock, random, strict });
  const changes = new ChangeStream(registry);
  const server = createEurekaServer({ registry, changes, clock, logger, strict, admits });
  const evicting = setInterval(() => {
    const count = registry.evict();
    if (count > 0) logger.warn({ event: 'registry-evicted', count, left: registry.size });
  }, registry.evictionInterval).unref();
  return {
    view: registry,
    listen: async () => `http://${await listenOn(server, config)}/eureka`,
    close() {
      clearInterval(evicting);
      changes.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
