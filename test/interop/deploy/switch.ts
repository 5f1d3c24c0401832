/** A network of its own, 172.28.1.0/24, with a DNS server that knows who is on it: nothing of it is seen outside. */
import { dirname } from 'node:path';
import type { Bench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { type Container, type ContainerOptions, startContainer } from './container.ts';
import type { Image } from './image.ts';

export interface Switch {
  /** Starts a container that has the address. */
  join(address: string, options: Omit<ContainerOptions, 'address'>): Promise<Container>;
  /** Runs a command of this machine's on it, from 172.28.1.1. @returns what it printed @throws Error when it fails */
  ask(words: readonly string[]): Promise<string>;
}

/** @param names each with its addresses */
export async function startSwitch(bench: Bench, image: Image, names: ReadonlyMap<string, readonly string[]>): Promise<Switch> {
  const host = bench.start('unshare', ['--net', 'sleep', '600']);
  const inside = ['--target', String(host.pid), '--net'];
  const ask = async (words: readonly string[]) => {
    const { code, output } = await run('nsenter', [...inside, ...words]);
    if (code !== 0) throw new Error(`${words.join(' ')}\n${output}`);
    return output;
  };
  const networks = async () => (await run('readlink', [`/proc/${host.pid}/ns/net`, '/proc/self/ns/net'])).output.split('\n');
  await until('a network', async () => new Set(await networks()).size === 2);
  await ask([
    'sh',
    '-euc',
    'ip link set lo up; ip link add switch type bridge; ip addr add 172.28.1.1/24 dev switch; ip link set switch up',
  ]);
  const records = [...names].flatMap(([name, addresses]) => addresses.map((address) => `${address} ${name}\n`));
  const hosts = await bench.file('hosts', records.join(''));
  bench.start('nsenter', [
    ...inside,
    '/usr/sbin/dnsmasq',
    ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root', '--pid-file'],
    ...['--listen-address=172.28.1.1', '--bind-interfaces', `--hostsdir=${dirname(hosts)}`],
  ]);
  const resolver = await bench.file('resolv.conf', 'nameserver 172.28.1.1\n');
  return {
    ask,
    async join(address, { mounts, ...options }) {
      const container = await startContainer(bench, image, { ...options, mounts: { ...mounts, '/etc/resolv.conf': resolver }, address });
      const port = `port${address.split('.')[3]}`;
      const child = await until('a first process', () => container.pid() || undefined);
      await ask(['ip', 'link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(child)]);
      await ask(['sh', '-euc', `ip link set ${port} master switch; ip link set ${port} up`]);
      return container;
    },
  };
}
