/**
 * Added latency: what a call through a proxy takes more than the same call straight to the origin, at the median, at a
 * tenth of the load at which the bare gateway is saturated. Every subject is called at that one rate.
 *
 * The rate is held by wrk with many threads of one connection each, which pause for a random time between an answer and the
 * next request. At this load the pause is some twenty times the answer, so requests arrive nearly as independently as
 * users do, few at the same moment; the rate reached is printed. Each round's difference is taken against the direct calls
 * of that round.
 */
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { startCaddy, startFastify, startHaproxy, startNginx } from './support/peers.ts';
import { pipelineConfiguration } from './support/pipelines.ts';
import { startGateway } from './support/postern.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { makeUsers, pausedFor, type Users } from './support/users.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';
import { type LoadResult, load } from './support/wrk.ts';

const names = ['bare', 'whole', 'nginx', 'haproxy', 'caddy', 'fastify'] as const;
type Name = (typeof names)[number];

const options = new Options('Added latency at the median at a tenth of saturation. About three minutes.', {
  rounds: { default: '5', help: 'rounds' },
  seconds: { default: '4', help: 'of load on each in each round' },
  users: { default: '100', help: 'who take turns, each with a token' },
  rate: { default: '', help: 'requests per second; empty: a tenth of what the first subject does when saturated' },
  only: { default: '', help: `of ${names.join(',')}` },
});
const wanted = options.choice('only', names);

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const users = await makeUsers(space, options.count('users'));
  const subjects: { name: string; url: string }[] = [{ name: 'direct', url: origin.url }];
  for (const name of wanted) {
    subjects.push({ name, url: await start(name, space, origin.url, users) });
  }

  const rate = options.text('rate') === '' ? await tenthOfSaturation(subjects[1]?.url, users) : options.count('rate');
  const threads = await threadsFor(rate, subjects[0]?.url, users);
  const results = new Map<string, LoadResult[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < options.count('rounds'); round += 1) {
    const first = round % subjects.length;
    for (const { name, url } of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      results.get(name)?.push(await paced(url, threads, options.count('seconds'), users));
    }
  }
  console.log(`\n60 B, ${shown(rate)} requests/s wanted, ${threads} connections; milliseconds`);
  report(results);
});

async function start(name: Name, space: Workspace, origin: string, users: Users): Promise<string> {
  switch (name) {
    case 'bare':
    case 'whole':
      return (await startGateway(space, name, pipelineConfiguration(name, origin, users))).url;
    case 'nginx':
      return (await startNginx(space, origin)).url;
    case 'haproxy':
      return (await startHaproxy(space, origin)).url;
    case 'caddy':
      return (await startCaddy(space, origin)).url;
    case 'fastify':
      return (await startFastify(space, origin)).url;
  }
}

async function tenthOfSaturation(url = '', users: Users): Promise<number> {
  const full = { url: `${url}/small`, seconds: 3, connections: 64, script: users.script };
  await load(full);
  return (await load(full)).requestsPerSecond / 10;
}

/** A thread's turn takes its pause, the answer and what a timer is late; how long, is tried once. */
async function threadsFor(rate: number, url = '', users: Users): Promise<number> {
  const guess = Math.max(1, Math.round((rate * pausedFor) / 1000));
  const reached = (await paced(url, guess, 2, users)).requestsPerSecond;
  return Math.max(1, Math.round((guess * rate) / reached));
}

function paced(url: string, threads: number, seconds: number, users: Users): Promise<LoadResult> {
  return load({ url: `${url}/small`, seconds, threads, connections: threads, script: users.pacedScript });
}

function report(results: Map<string, LoadResult[]>): void {
  const direct = results.get('direct') ?? [];
  const added = (measured: readonly LoadResult[], field: 'p50' | 'p99'): number =>
    median(measured.map((result, round) => result[field] - (direct[round]?.[field] ?? Number.NaN)));
  printTable(
    ['', 'requests/s', 'p50', 'p99', 'added p50', 'added p99', 'errors'],
    [...results].map(([name, measured]) => [
      name,
      shown(median(measured.map((result) => result.requestsPerSecond))),
      shown(median(measured.map((result) => result.p50)), 3),
      shown(median(measured.map((result) => result.p99)), 3),
      name === 'direct' ? '' : shown(added(measured, 'p50'), 3),
      name === 'direct' ? '' : shown(added(measured, 'p99'), 3),
      shown(measured.reduce((total, result) => total + result.errors, 0)),
    ]),
  );
}
