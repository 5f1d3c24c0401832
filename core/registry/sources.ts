/** Every source by the name that configurations use. Adding one is a file, a name in the schema and a line here. */
import type { Clock, Random } from '../clock.ts';
import { calledHere } from '../config/hosts.ts';
import type { OwnPlace } from '../config/own-places.ts';
import type { RegistryConfig, RegistryName, ServiceConfig } from '../config/schema/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { dnsSource } from './dns.ts';
import { EurekaRegistry } from './eureka.ts';
import { kubernetesSource } from './kubernetes.ts';
import { originOf } from './last-known.ts';
import type { LastKnownFile } from './last-known-file.ts';
import { notOwn } from './not-own.ts';
import { remembered } from './remembered.ts';
import { createResolver } from './resolver.ts';
import type { Source } from './source.ts';
import { srvSource } from './srv.ts';
import { staticSource } from './static.ts';

export interface Sources {
  /** A source of the endpoints of this service, not started yet. */
  of(service: string, config: ServiceConfig): Source;
}

export interface SourcesParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<Logger, 'warn'>;
  /** Where it is kept what is known, for the next run; undefined where it is not. */
  readonly lastKnown?: LastKnownFile | undefined;
  /** Where the gateways themselves are, which is never an endpoint. */
  readonly ownPlaces?: readonly OwnPlace[];
}

/** The servers of Eureka's API. The embedded registry speaks it too, and is asked as any other. */
export function eurekaServers({ eureka, embedded: own }: RegistryConfig): readonly string[] {
  if (eureka) return eureka;
  if (!own) return [];
  return [`http://${calledHere(own)}/eureka`];
}

export function createSources(
  registry: RegistryConfig,
  { clock, random, logger, lastKnown, ownPlaces: places = [] }: SourcesParts,
): Sources {
  // One for all services, since it fetches them all at once.
  const eureka = new EurekaRegistry(eurekaServers(registry), { clock, random });
  const resolver = () => createResolver(registry.dns.servers);
  const byName: Readonly<Record<RegistryName, (name: string, interval: number) => Source>> = {
    eureka: (name, interval) => eureka.source(name, interval),
    dns: (name, interval) => dnsSource(name, resolver(), { interval, clock, random }),
    srv: (name, interval) => srvSource(name, resolver(), { interval, clock, random }),
    kubernetes: (name) => kubernetesSource(name, registry.kubernetes, { clock, random, logger }),
  };
  return {
    of(service, { registry: kind, name = service, refresh, endpoints = [] }) {
      if (kind === undefined) return staticSource(endpoints);
      const source = notOwn(byName[kind](name, refresh), service, { places, logger });
      return lastKnown ? remembered(source, service, originOf(kind, name, registry), lastKnown, clock) : source;
    },
  };
}

/** Of a registry section, who is asked: while that is the same, sources may go on. */
export function askedOf(registry: RegistryConfig): unknown {
  return [eurekaServers(registry), registry.dns, registry.kubernetes];
}
