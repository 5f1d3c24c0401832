/**
 * Reloading under load: how many requests fail, on kept connections and on new ones, and how many connections are closed, while the
 * configuration changes again and again; beside nginx and HAProxy with a master, each told as its documentation says. Then what
 * memory is left of two hundred reloads.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startClients } from './support/clients.ts';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { type RunningProxy, type StartProxy, startHaproxyMaster, startNginx } from './support/peers.ts';
import { bareConfiguration, type Gateway, startGateway } from './support/postern.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';

const options = new Options('Reloading under load. About three minutes.', {
  only: { default: '', help: 'of postern,nginx,haproxy,memory' },
  reloads: { default: '50', help: 'of each' },
  seconds: { default: '30', help: 'in which they happen' },
  kept: { default: '16', help: 'clients, each with a connection that it keeps' },
  fresh: { default: '4', help: 'clients with a new connection for each request' },
  memory: { default: '200', help: 'reloads before memory is measured' },
});

interface Subject {
  readonly name: string;
  readonly start: StartProxy;
  /** Changes the configuration for the n-th time, and has it taken up. */
  reload(space: Workspace, running: RunningProxy, nth: number): void;
}

/** Every setting of the service and the gateway that requests go by is another, but not where the service is. */
const changed = (origin: string, nth: number): object => {
  const { services, ...rest } = bareConfiguration(origin) as { services: { origin: object } };
  const service = { ...services.origin, timeouts: { attempt: `${10 + (nth % 5)}s` }, concurrency: { limit: 1_000 + nth } };
  return { ...rest, services: { origin: service } };
};

const replacing = (file: string, pattern: RegExp, by: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(pattern, by));

const subjects = (origin: string): readonly Subject[] => [
  {
    name: 'postern',
    start: (space) => startGateway(space, 'postern', changed(origin, 0)),
    reload: (space, _, nth) => void space.write('postern.yaml', JSON.stringify(changed(origin, nth))),
  },
  {
    name: 'nginx',
    start: startNginx,
    reload(space, { pid }, nth) {
      replacing(join(space.directory, 'nginx.conf'), /keepalive \d+;/, `keepalive ${512 + nth};`);
      process.kill(pid, 'SIGHUP');
    },
  },
  {
    name: 'haproxy',
    start: startHaproxyMaster,
    reload(space, { pid }, nth) {
      replacing(join(space.directory, 'haproxy.cfg'), /timeout server \d+s/, `timeout server ${60 + nth}s`);
      process.kill(pid, 'SIGUSR2');
    },
  },
];

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const parts = options.choice('only', ['postern', 'nginx', 'haproxy', 'memory']);
  const origin = await startOrigin(space);
  const rows: string[][] = [];
  for (const subject of subjects(origin.url).filter(({ name }) => parts.some((part) => part === name)))
    rows.push(await measure(space, subject, origin.url));
  console.log(`\n${options.text('reloads')} reloads in ${options.text('seconds')} s`);
  printTable(['', 'kept: requests', 'errors', 'closed', 'new: requests', 'errors'], rows);
  if (parts.includes('memory')) await measureMemory(space, origin.url);
});

async function measure(space: Workspace, { name, start, reload }: Subject, origin: string): Promise<string[]> {
  const running = await start(space, origin);
  const clients = startClients(`${running.url}/small`, { kept: options.count('kept'), fresh: options.count('fresh') });
  const every = (options.count('seconds') * 1000) / options.count('reloads');
  await pause(1_000);
  for (let nth = 1; nth <= options.count('reloads'); nth += 1) {
    reload(space, running, nth);
    await pause(every);
  }
  await clients.stop();
  const { kept, fresh } = clients;
  if (name === 'postern') {
    const { length } = events(running as Gateway, 'configuration-reloaded');
    console.log(`postern took up ${length} configurations`);
    if (kept.errors + kept.closed + fresh.errors > 0 || length === 0) process.exitCode = 1;
  }
  return [name, ...[kept.requests, kept.errors, kept.closed, fresh.requests, fresh.errors].map((count) => shown(count))];
}

async function measureMemory(space: Workspace, origin: string): Promise<void> {
  const flags = ['--expose-gc', '--import', join(import.meta.dirname, 'support/memory.ts')];
  const gateway = await startGateway(space, 'memory', changed(origin, 0), flags);
  const clients = startClients(`${gateway.url}/small`, { kept: options.count('kept'), fresh: options.count('fresh') });
  const total = options.count('memory');
  const samples: string[][] = [];
  for (let nth = 0; nth <= total; nth += 1) {
    if (nth > 0) {
      space.write('memory.yaml', JSON.stringify(changed(origin, nth)));
      process.kill(gateway.pid, 'SIGHUP');
      await until(() => events(gateway, 'configuration-reloaded').length >= nth);
    }
    if (nth % Math.max(1, Math.floor(total / 5)) === 0) samples.push([String(nth), ...(await memoryOf(gateway))]);
  }
  await clients.stop();
  console.log(`\n${total} reloads one after the other: ${clients.kept.errors + clients.fresh.errors} errors`);
  printTable(['reloads', 'heap MiB', 'RSS MiB'], samples);
}

async function memoryOf(gateway: Gateway): Promise<string[]> {
  const before = events(gateway, 'memory').length;
  process.kill(gateway.pid, 'SIGUSR2');
  await until(() => events(gateway, 'memory').length > before);
  const { heapUsed, rss } = events(gateway, 'memory').at(-1) as { heapUsed: number; rss: number };
  return [heapUsed, rss].map((bytes) => shown(bytes / 1024 / 1024, 1));
}

function events(gateway: Pick<Gateway, 'log'>, event: string): Record<string, unknown>[] {
  return readFileSync(gateway.log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line));
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 30_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('it did not happen within 30 s');
    await pause(5);
  }
}
