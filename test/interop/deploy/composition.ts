/**
 * Runs those services of a Compose file that are of one image, each in a container, on one switch with a DNS server that knows their names.
 * The networks of the file are one here: what an engine keeps apart is not.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { Bench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Container, startContainer } from './container.ts';
import type { Image } from './image.ts';

interface Service {
  readonly image: string;
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly networks: readonly string[] | Readonly<Record<string, { readonly ipv4_address?: string }>>;
}

export interface Composition {
  /** By the names of the services. */
  readonly containers: Readonly<Record<string, readonly Container[]>>;
  /** Runs a command of this machine's beside them, where `172.28.1.1` is its address. */
  ask(words: readonly string[]): Promise<string>;
  /** The address of the first container of a service. */
  addressOf(name: string): string;
}

/** @param file whose network `inside` is 172.28.1.0/24 */
export async function startComposition(bench: Bench, file: string, image: Image): Promise<Composition> {
  const { services } = parse(readFileSync(file, 'utf8'), { merge: true }) as { services: Record<string, Service> };
  // A network of its own, for the addresses are those of the file: nothing of it is seen outside.
  const host = bench.start('unshare', ['--net', 'sleep', '600']);
  const inHost = ['--target', String(host.pid), '--net'];
  const must = async (words: readonly string[]) => {
    const { code, output } = await run('nsenter', [...inHost, ...words]);
    if (code !== 0) throw new Error(`${words.join(' ')}\n${output}`);
    return output;
  };
  await until(
    'a network',
    async () => (await run('readlink', [`/proc/${host.pid}/ns/net`, '/proc/self/ns/net'])).output.split('\n').length === 2,
  );
  await must([
    'sh',
    '-euc',
    'ip link set lo up; ip link add switch type bridge; ip addr add 172.28.1.1/24 dev switch; ip link set switch up',
  ]);

  const addresses = new Map<string, string[]>();
  const containers: Record<string, Container[]> = {};
  const resolver = await bench.file('resolv.conf', 'nameserver 172.28.1.1\n');
  let last = 128;
  const own = Object.entries(services).filter(([, service]) => service.image === 'postern');
  for (const [name, { deploy, networks }] of own) {
    const fixed = Array.isArray(networks) ? undefined : (networks as Record<string, { ipv4_address?: string }>)['inside']?.ipv4_address;
    addresses.set(
      name,
      Array.from({ length: deploy?.replicas ?? 1 }, () => {
        last += 1;
        return fixed ?? `172.28.1.${last}`;
      }),
    );
  }
  const records = [...addresses].flatMap(([name, list]) => list.map((address) => `${address} ${name}\n`)).join('');
  const hosts = await bench.file('hosts', records);
  bench.start('nsenter', [
    ...inHost,
    '/usr/sbin/dnsmasq',
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root', '--pid-file'],
    ...['--listen-address=172.28.1.1', '--bind-interfaces', `--hostsdir=${dirname(hosts)}`],
  ]);

  for (const [name, { command, volumes }] of own) {
    const shared = volumes.map((volume) => volume.split(':')).filter(([from = '']) => from.startsWith('.'));
    const mounts = Object.fromEntries(shared.map(([from = '', to = '']) => [to, join(dirname(file), from)]));
    containers[name] = [];
    for (const address of addresses.get(name) ?? []) {
      const container = await startContainer(bench, image, { command, mounts: { ...mounts, '/etc/resolv.conf': resolver }, address });
      containers[name].push(container);
      const port = `port${address.split('.')[3]}`;
      const child = await until('a first process', () => container.pid() || undefined);
      await must(['ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(child)]);
      await must(['sh', '-euc', `ip link set ${port} master switch; ip link set ${port} up`]);
    }
  }
  return {
    containers,
    ask: must,
    addressOf: (name) => addresses.get(name)?.[0] ?? '',
  };
}
