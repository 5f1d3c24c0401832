/** Runs an image without an engine: in namespaces of its own, as the first process, as nobody, in a root that cannot be written to. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../support/bench.ts';
import { type Finished, type Program, run } from '../support/program.ts';
import { type Image, mounting, newTree } from './image.ts';

export interface ContainerOptions {
  /** After the entry point; the image's own when left out. */
  readonly command?: readonly string[];
  /** Files and folders of this machine, by their path inside. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Its address, and its name, on an `eth0` that it is to wait for; alone with itself when left out. */
  readonly address?: string;
}

export interface Container {
  readonly program: Program;
  /** Of its first process, outside. */
  pid(): number;
  /** Runs a command in it, as an engine runs health checks. */
  exec(words: readonly string[]): Promise<Finished>;
  /** Runs a command of this machine's in its network. */
  beside(words: readonly string[]): Promise<Finished>;
}

export async function startContainer(bench: Bench, image: Image, options: ContainerOptions = {}): Promise<Container> {
  const { command = image.command, mounts = {}, address } = options;
  const tree = newTree(await bench.directory(), image.layers);
  const [user, group] = image.user.split(':');
  const binds = Object.entries(mounts).map(([inside, outside]) => {
    const point = join(tree.at, inside);
    return `${statSync(outside).isDirectory() ? 'mkdir -p' : 'touch'} "${point}"; mount --bind -o ro "${outside}" "${point}"`;
  });
  const words = [...image.entrypoint, ...command].map((word) => `'${word}'`).join(' ');
  const variables = Object.entries(image.environment).map(([name, value]) => `${name}=${value}`);
  const network = `while ! ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
    hostname ${address}; ip addr add ${address}/24 dev eth0; ip link set eth0 up`;
  const script = `${mounting(tree)}
    mount -t proc proc "${tree.at}/proc"; mount --rbind /dev "${tree.at}/dev"; ip link set lo up
    ${binds.join('\n')}
    mount -t tmpfs -o uid=${user},gid=${group},mode=700 tmpfs "${tree.at}/var/lib/postern"
    mount -o remount,ro "${tree.at}"
    ${address === undefined ? '' : network}
    exec chroot "${tree.at}" /usr/bin/env -i ${variables.join(' ')} sh -c "cd ${image.workdir} && exec setpriv \\
      --reuid=${user} --regid=${group} --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all ${words}"`;
  const program = bench.start('unshare', ['--mount', '--pid', '--net', '--uts', '--fork', '--kill-child=SIGKILL', 'sh', '-euc', script]);
  const pid = () => Number(readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, 'utf8').trim());
  // unshare itself hears no signal.
  bench.undo(() => void (program.exitCode() === undefined && process.kill(pid(), 'SIGKILL')));
  const enter = (...namespaces: string[]) => ['--target', String(pid()), ...namespaces];
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', 'env', '-i', ...variables];
  return {
    program,
    pid,
    exec: (list) => run('nsenter', [...enter('--mount', '--pid', '--net', '--root', '--wd'), ...asUser, ...list]),
    beside: (list) => run('nsenter', [...enter('--net'), ...list]),
  };
}
