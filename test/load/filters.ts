/**
 * What filters cost: the step that runs them by itself, in microseconds, and through sockets: a route without any beside the same route of another checkout (`--before FOLDER`), and beside routes with one
 * header filter, one filter of a user's, and ten. Then ten users' filters that are written anew and reloaded, a hundred times, under load:
 * how many requests failed, and the memory before and behind, garbage collected.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { filterTurns } from './support/filter-turns.ts';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { bareConfiguration, type Gateway, listening, startGateway } from './support/postern.ts';
import { printComparison } from './support/report.ts';
import { inRounds, type Subject } from './support/rounds.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';
import { load } from './support/wrk.ts';

const options = new Options('What filters cost, and what reloading them does. About three minutes.', {
  parts: { default: 'alone,cost,reloads', help: 'of alone,cost,reloads' },
  only: { default: '', help: 'of before,none,header,user,ten' },
  before: { default: '', help: 'another checkout of this repository, with its modules, to compare a route without filters with' },
  rounds: { default: '7', help: 'rounds' },
  seconds: { default: '2', help: 'of load on each in each round' },
  warm: { default: '10', help: 'seconds of load on each before its first round, for compilation and connections' },
  connections: { default: '32', help: 'kept open by the load generator' },
  reloads: { default: '100', help: 'of ten filters' },
});

const MIB = 1024 * 1024;

/** Bytes of heap that measuring twice may differ by: a thousand versions that stay would be several times as much. */
const BACK = MIB;

/** Reloads before the first measurement. */
const WARMING = 30;

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const parts = options.choice('parts', ['alone', 'cost', 'reloads']);
  if (parts.includes('alone')) await measureAlone();
  const origin = await startOrigin(space);
  if (parts.includes('cost')) await measureCost(space, origin.url);
  if (parts.includes('reloads')) await measureReloads(space, origin.url);
});

function configuration(origin: string, filters: readonly unknown[]): object {
  return {
    services: { origin: { endpoints: [origin] } },
    routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'origin', expose: { public: { access: 'anonymous' } }, filters }],
    public: listening,
    telemetry: { accessLog: false },
  };
}

function writeFilter(space: Workspace, name: string, value: string): string {
  space.write(
    `${name}.ts`,
    `export default { name: '${name}', stage: 'post', run(exchange: any): void { exchange.response.headers.set('x-${name}', '${value}'); } };\n`,
  );
  return `./${name}.ts`;
}

async function measureAlone(): Promise<void> {
  const results = await filterTurns(options.count('rounds'), 20_000);
  console.log('\nthe step that runs filters, by itself');
  printTable(
    ['', 'µs a request'],
    [...results].map(([name, values]) => [name, shown(median(values), 2)]),
  );
}

async function measureCost(space: Workspace, origin: string): Promise<void> {
  const before = options.text('before');
  const filters: Readonly<Record<string, readonly unknown[]>> = {
    header: [{ setResponseHeader: { 'x-one': 'a' } }],
    user: [writeFilter(space, 'user', 'a')],
    ten: Array.from({ length: 10 }, (_, at) => writeFilter(space, `ten${at}`, 'a')),
  };
  const wanted = options.choice('only', ['before', 'none', 'header', 'user', 'ten']);
  const subjects: Subject[] = [];
  for (const name of wanted) {
    if (name === 'before' && before === '') continue;
    const list = filters[name];
    const given = list ? configuration(origin, list) : bareConfiguration(origin);
    const checkout = name === 'before' ? [join(before, '/')] : [];
    subjects.push({ name, ...(await startGateway(space, name, given, [], ...checkout)) });
  }
  const results = await inRounds(subjects, {
    path: '/small',
    rounds: options.count('rounds'),
    seconds: options.count('seconds'),
    connections: options.count('connections'),
    warmSeconds: options.count('warm'),
  });
  const title = `60 B, ${options.text('connections')} connections; each beside a route without filters`;
  if (printComparison({ title, results, of: 'none', inverse: true }) > 0) process.exitCode = 1;
}

async function measureReloads(space: Workspace, origin: string): Promise<void> {
  const names = Array.from({ length: 10 }, (_, at) => `reloaded${at}`);
  const filters = names.map((name) => writeFilter(space, name, '0'));
  const flags = ['--expose-gc', '--import', join(import.meta.dirname, 'support/memory.ts')];
  const gateway = await startGateway(space, 'reloads', configuration(origin, filters), flags);
  const loadFor = (seconds: number) => load({ url: `${gateway.url}/small`, seconds, connections: options.count('connections') });
  const reload = async (value: string) => {
    for (const name of names) writeFilter(space, name, value);
    process.kill(gateway.pid, 'SIGHUP');
    // Not by what the log says: a reload may have come in between two files.
    await until(async () => {
      const answer = await fetch(`${gateway.url}/small`);
      await answer.arrayBuffer();
      return names.every((name) => answer.headers.get(`x-${name}`) === value);
    });
  };
  const total = options.count('reloads');
  const samples: (Memory & { readonly reloads: string })[] = [];
  let requests = 0;
  let failed = 0;
  const reloadUnderLoad = async (rounds: number, named: string): Promise<Memory> => {
    let under = true;
    const loading = (async () => {
      while (under) {
        const turn = await loadFor(1);
        requests += turn.requests;
        failed += turn.errors;
      }
    })();
    for (let round = 1; round <= rounds; round += 1) {
      await reload(`${named}${round}`);
      if (named === '' && round % Math.max(1, Math.floor(total / 4)) === 0)
        samples.push({ reloads: `${round}, under load`, ...(await memoryOf(gateway)) });
    }
    under = false;
    await loading;
    return memoryOf(gateway);
  };
  await loadFor(options.count('warm'));
  // What the first reloads need for good, compiled code and connections, is no growth.
  const before = await reloadUnderLoad(WARMING, 'warm');
  const behind = await reloadUnderLoad(total, '');
  samples.unshift({ reloads: '0', ...before });
  samples.push({ reloads: String(total), ...behind });
  const more = behind.heapUsed - before.heapUsed;
  const isBack = more < BACK;
  console.log(
    `\n${WARMING} and ${total} reloads of ten filters under ${options.text('connections')} connections: ${requests} requests, ${failed} failed`,
  );
  printTable(
    ['reloads', 'heap MiB', 'RSS MiB'],
    samples.map(({ reloads, heapUsed, rss }) => [reloads, shown(heapUsed / MIB, 1), shown(rss / MIB, 1)]),
  );
  console.log(
    `memory is ${isBack ? '' : 'NOT '}back to where it was: ${shown(more / MIB, 2)} MiB of heap, ${shown(more / total / names.length / 1024, 2)} KiB a version (at most ${shown(BACK / MIB, 1)} MiB are noise)`,
  );
  if (failed > 0 || !isBack) process.exitCode = 1;
}

interface Memory {
  readonly heapUsed: number;
  readonly rss: number;
}

async function memoryOf(gateway: Gateway): Promise<Memory> {
  const before = events(gateway, 'memory').length;
  process.kill(gateway.pid, 'SIGUSR2');
  await until(() => events(gateway, 'memory').length > before);
  return events(gateway, 'memory').at(-1) as unknown as Memory;
}

function events(gateway: Gateway, event: string): Record<string, unknown>[] {
  return readFileSync(gateway.log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}') && line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line));
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error('it did not happen within 30 s');
    await pause(5);
  }
}
