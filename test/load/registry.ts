/**
 * What the embedded registry costs when it is large: the share of a core that goes into registrations, heartbeats and fetches at
 * the pace of Eureka's clients, resident memory, and how long a change is on its way until both gateways choose by it. The
 * private gateway runs the registry and reads it, as it does for its users; both it and the public gateway are processes.
 */
import { readFileSync } from 'node:fs';
import { measureWays, probes, type Way } from './support/choosing.ts';
import { anInstance } from './support/instances.ts';
import { freePort } from './support/listening.ts';
import { describeMachine, measuredCore, otherCore } from './support/machine.ts';
import { nodeCommand, root } from './support/node.ts';
import { Options } from './support/options.ts';
import { atPace, type Stream } from './support/pace.ts';
import { listening } from './support/postern.ts';
import { cpuSeconds, residentMiB } from './support/resources.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('The cost of a large registry. Four minutes, most of them at the pace of the clients.', {
  instances: { default: '10000', help: 'registered at once, each with a connection of its own' },
  applications: { default: '500', help: 'they belong to' },
  seconds: { default: '10', help: 'at the pace of the clients that are measured at a time' },
  churn: { default: '1', help: 'percent of the instances that register anew each minute' },
  rounds: { default: '20', help: 'in which a change is watched on its way' },
  flags: { default: shippedFlags(), help: 'of node, for the private gateway, separated by commas; those of `npm run private:registry`' },
  settle: { default: '185', help: 'seconds until a delta has only what that churn changed; Eureka keeps changes for 180' },
});
const count = options.count('instances');
const seconds = options.count('seconds');
const rounds = options.count('rounds');

/** Seconds between two heartbeats, and between two fetches, of Eureka's clients. */
const INTERVAL = 30;
const AT_ONCE = 32;

await inWorkspace(async (space) => {
  console.log(`${describeMachine()}; others on the machine make every figure here larger`);
  const configuration = {
    ...probes(rounds),
    public: listening,
    private: { ...listening, callers: { services: { from: ['127.0.0.1'] } } },
    registry: { embedded: { port: await freePort() } },
    telemetry: { accessLog: false },
  };
  const file = space.write('registry.yaml', JSON.stringify(configuration));
  const start = async (kind: 'public' | 'private', core: number) => {
    const flags = kind === 'private' ? options.text('flags').split(',').filter(Boolean) : [];
    const command = nodeCommand(flags, `${kind}-gateway/main.ts`, 'start', '-c', file);
    const ready = (printed: string) => /^.*"event":"listening".*$/m.exec(printed)?.[0];
    const { announced, pid } = await space.start({ name: kind, core, cwd: root, command, ready });
    const { url, registry = '' }: { url: string; registry?: string } = JSON.parse(announced);
    return { url, registry, pid };
  };
  const inside = await start('private', measuredCore);
  const edge = await start('public', otherCore);
  const { pid } = inside;
  const population = { url: inside.registry, applications: options.count('applications') };
  const instances = Array.from({ length: count }, (_, at) => anInstance(population, at));
  const of = (nth: number) => instances[nth % count] as (typeof instances)[number];

  /** Seconds of processor time for all of them. */
  const cost = async (times: number, operation: (nth: number) => Promise<unknown>): Promise<number> => {
    const before = cpuSeconds(pid);
    let next = 0;
    const worker = async () => {
      for (let nth = next++; nth < times; nth = next++) await operation(nth);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return cpuSeconds(pid) - before;
  };
  /** The share of a core. */
  const share = async (...streams: Stream[]): Promise<number> => {
    const [before, begun] = [cpuSeconds(pid), performance.now()];
    await atPace(seconds, streams);
    largest = Math.max(largest, residentMiB(pid));
    return (cpuSeconds(pid) - before) / ((performance.now() - begun) / 1000);
  };
  const each = (work: (nth: number) => Promise<unknown>): Stream => ({ rate: count / INTERVAL, work });
  const beats = each((nth) => of(nth).beat());
  // Those who fetch are not those who beat at the same moment.
  const deltas = each((nth) => of(nth + Math.floor(count / 2)).fetchDelta());
  const churn: Stream = { rate: (count * options.count('churn')) / 100 / 60, work: (nth) => of(nth * 7).register() };
  const idle: Stream = { rate: 0, work: async () => {} };

  const empty = residentMiB(pid);
  let largest = empty;
  const nothing = await share(idle);
  const arrival = await cost(count, async (nth) => {
    await of(nth).fetchAll();
    await of(nth).register();
  });
  const registration = await cost(count, (nth) => of(nth).register());
  const registered = performance.now();
  const beat = await cost(count, (nth) => of(nth).beat());
  const fetchAll = await cost(Math.min(count, 2_000), (nth) => of(nth).fetchAll());
  const bytes = await of(0).fetchAll();
  largest = Math.max(largest, residentMiB(pid));
  const onlyBeats = await share(beats);
  const worst = await share(beats, deltas, churn);
  const worstBytes = await of(0).fetchDelta();

  const settling = Math.max(0, options.count('settle') - (performance.now() - registered) / 1000);
  const heartbeats = atPace(settling, [beats, churn]);
  const ways = await measureWays(population, [edge.url, inside.url], rounds);
  await heartbeats;
  const usual = await share(beats, deltas, churn);
  const usualBytes = await of(0).fetchDelta();

  const kib = (size: number): string => `${shown(size / 1024)} KiB`;
  const percent = (part: number): string => `${shown(part * 100, 1)} %`;
  const pace = `each every ${INTERVAL} s`;
  printTable(
    [`${shown(count)} instances, ${options.text('applications')} applications`, 'CPU'],
    [
      ['each fetches everything and registers, once', `${shown(arrival, 1)} s`],
      [`each fetches everything (${kib(bytes)}), once`, `${shown((fetchAll / Math.min(count, 2_000)) * count, 1)} s`],
      ['a registration, as many as can be', `${shown((registration * 1000) / count, 3)} ms`],
      ['a heartbeat, as many as can be', `${shown((beat * 1000) / count, 3)} ms`],
      ['the gateway, doing nothing', percent(nothing)],
      [`heartbeats, ${pace}`, percent(onlyBeats)],
      [`and deltas (${kib(usualBytes)}), ${options.text('churn')} % register anew a minute`, percent(usual)],
      [`and deltas (${kib(worstBytes)}) when all have just registered`, percent(worst)],
    ],
  );
  console.log(`\nresident: ${shown(empty)} MiB when empty, ${shown(largest)} at most, ${shown(residentMiB(pid))} at the end`);
  for (const [at, name] of ['public', 'private'].entries()) print(name, ways[at] ?? []);
  await Promise.all(instances.map((instance) => instance.close()));
});

/** With which a private gateway is started that runs a large registry. */
function shippedFlags(): string {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> };
  return (scripts['private:registry'] ?? '')
    .split(' ')
    .filter((word) => word.startsWith('--'))
    .join(',');
}

function print(gateway: string, ways: readonly Way[]): void {
  const times = (of: (way: Way) => number): string =>
    `${shown(median(ways.map(of)), 1)} ms (at most ${shown(Math.max(...ways.map(of)), 1)})`;
  console.log(
    `the ${gateway} gateway chooses an endpoint ${times(({ came }) => came)} after the answer to its registration, ` +
      `and no more ${times(({ left }) => left)} after it went`,
  );
}
