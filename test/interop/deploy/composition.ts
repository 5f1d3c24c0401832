/**
 * Runs those services of a Compose file that are of one image, each in a container, on one switch. The networks of the file are one here:
 * what an engine keeps apart is not.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Bench } from '../support/bench.ts';
import type { Container } from './container.ts';
import type { Image } from './image.ts';
import { startSwitch } from './switch.ts';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly networks: readonly string[] | { readonly inside?: { readonly ipv4_address?: string } };
}

export interface Composition {
  /** By the names of the services. */
  readonly containers: Readonly<Record<string, readonly Container[]>>;
  /** Runs a command of this machine's beside them. */
  ask(words: readonly string[]): Promise<string>;
  /** The address of the first container of a service. */
  addressOf(name: string): string;
}

/** @param file whose network `inside` is 172.28.1.0/24 */
export async function startComposition(bench: Bench, file: string, image: Image): Promise<Composition> {
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as { services: Record<string, Service> };
  const own = Object.entries(services).filter(([, service]) => service.image === 'postern');
  let last = 128;
  const addressesOf = ({ deploy, networks }: Service) =>
    Array.from({ length: deploy?.replicas ?? 1 }, () => {
      last += 1;
      return ('inside' in networks ? networks.inside?.ipv4_address : undefined) ?? `172.28.1.${last}`;
    });
  const addresses = new Map(own.map(([name, service]) => [name, addressesOf(service)]));
  const network = await startSwitch(bench, image, addresses);
  const containers: Record<string, Container[]> = {};
  for (const [name, { command, volumes }] of own) {
    const shared = volumes.map((volume) => volume.split(':')).filter(([from = '']) => from.startsWith('.'));
    const mounts = Object.fromEntries(shared.map(([from = '', to = '']) => [to, join(dirname(file), from)]));
    containers[name] = [];
    for (const address of addresses.get(name) ?? []) containers[name].push(await network.join(address, { command, mounts }));
  }
  return { containers, ask: network.ask, addressOf: (name) => addresses.get(name)?.[0] ?? '' };
}
