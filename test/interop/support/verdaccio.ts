/** Verdaccio, a real npm registry, and the real npm client against it. Nothing here reaches another registry. */
import { createHash, randomFillSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Bench, freePort } from './bench.ts';
import { accepting, type Finished, run } from './program.ts';

export interface Verdaccio {
  readonly url: string;
  /** `METHOD TARGET` of every request that has reached it so far. */
  requests(): string[];
  /** Puts a tarball of the directory in place of a published one, past the JSON that publishing is; returns its SHA-512. */
  grow(name: string, directory: string): Promise<string>;
}

/** Anyone may read and publish: who may is the gateway's business. */
export async function startVerdaccio(bench: Bench): Promise<Verdaccio> {
  const storage = await bench.directory();
  const port = await freePort();
  const file = await bench.file(
    'verdaccio.yaml',
    `
storage: ${storage}
auth: { htpasswd: { file: ${join(storage, 'htpasswd')} } }
uplinks: {}
packages: { '**': { access: $all, publish: $all, unpublish: $all } }
publish: { allow_offline: true }
max_body_size: 400mb
server: { keepAliveTimeout: 60 }
web: { enable: false }
log: { type: stdout, format: json, level: http }
listen: ['127.0.0.1:${port}']
`,
  );
  const root = join(import.meta.dirname, '../../..');
  const program = bench.start(join(root, 'node_modules/.bin/node'), [
    join(import.meta.dirname, '../node_modules/verdaccio/bin/verdaccio'),
    '--config',
    file,
  ]);
  await accepting(program, port);
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => program.lines.map(request).filter((line) => line !== undefined),
    async grow(name, directory) {
      const tarball = join(storage, name, `${name}-1.0.0.tgz`);
      const { code, output } = await run('tar', [
        '--create',
        '--use-compress-program=gzip -1',
        '--file',
        tarball,
        '-C',
        dirname(directory),
        'package',
      ]);
      if (code !== 0) throw new Error(output);
      const digest = createHash('sha512')
        .update(await readFile(tarball))
        .digest('base64');
      const manifest = join(storage, name, 'package.json');
      const record = JSON.parse(await readFile(manifest, 'utf8')) as {
        versions: { '1.0.0': { dist: { integrity: string; shasum?: string } } };
      };
      const { dist } = record.versions['1.0.0'];
      dist.integrity = `sha512-${digest}`;
      delete dist.shasum;
      await writeFile(manifest, JSON.stringify(record));
      return digest;
    },
  };
}

function request(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  const { req } = JSON.parse(line) as { req?: { method: string; url: string } };
  return req === undefined ? undefined : `${req.method} ${req.url}`;
}

export type Npm = (directory: string, ...args: string[]) => Promise<Finished>;

/** npm with the registry (and the token) given and nothing of this machine's own settings. */
export async function npmFor(bench: Bench, registry: string, token?: string): Promise<Npm> {
  const home = await bench.directory();
  const settings = [`registry=${registry}/`, 'update-notifier=false', 'audit=false', 'fund=false', 'fetch-retry-mintimeout=100'];
  if (token !== undefined) settings.push(`//${new URL(registry).host}/:_authToken=${token}`);
  const userconfig = join(home, 'npmrc');
  await writeFile(userconfig, settings.join('\n'));
  const env = {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: home,
    npm_config_userconfig: userconfig,
    npm_config_globalconfig: join(home, 'globalrc'),
    npm_config_cache: join(home, 'cache'),
  };
  return (directory, ...args) => run('npm', args, { cwd: directory, env, bound: 110_000 });
}

/** A package directory; `bytes` of noise make it as large as a test wants. */
export async function makePackage(bench: Bench, name: string, bytes = 0): Promise<string> {
  const directory = join(await bench.directory(), 'package');
  await mkdir(directory);
  await writeFile(join(directory, 'package.json'), JSON.stringify({ name, version: '1.0.0', license: 'MIT', main: 'index.js' }));
  await writeFile(join(directory, 'index.js'), `module.exports = ${JSON.stringify(`hello from ${name}`)};\n`);
  if (bytes > 0) await writeFile(join(directory, 'noise.bin'), randomFillSync(Buffer.allocUnsafe(bytes)));
  return directory;
}
