/**
 * Overload: what a service with a real capacity serves at twice as many requests as that, a fifth of them critical and a fifth
 * background. First a closed loop finds its peak through the gateway. Then requests come by chance, at a multiple of the peak,
 * with a concurrency limit of as many places as the service has, with a queue before them, and with an adaptive limit that must
 * find them; meanwhile the admin port is asked whether the gateway lives. Wanted: goodput of at least 0.8 of the peak, 0.99 of the critical ones
 * served, and /livez answered within 100 ms.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '../unit/balancer/seeded.ts';
import { type Asked, closedLoop, openLoop } from './support/loops.ts';
import { describeMachine, otherCore } from './support/machine.ts';
import { nodeCommand } from './support/node.ts';
import { Options } from './support/options.ts';
import { bareConfiguration, startGateway } from './support/postern.ts';
import { quantile } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('Who is served at twice the capacity of a service. About a minute and a half.', {
  workers: { default: '50', help: 'requests that the service works on at once' },
  milliseconds: { default: '100', help: 'that it takes for one' },
  load: { default: '2', help: 'requests, as a multiple of the peak' },
  peak: { default: '5', help: 'seconds of the closed loop, and of another before it' },
  seconds: { default: '10', help: 'of overload that are counted' },
  warm: { default: '6', help: 'seconds of overload before they are counted' },
  find: { default: '30', help: 'more of these for the adaptive limit, which has yet to be found' },
  runs: { default: '', help: 'of limit, queue, adaptive' },
  breaker: { default: 'auto', help: 'or closed: a circuit breaker that never opens' },
  seed: { default: '1', help: 'of the chance by which requests come' },
});

const shares = { critical: 0.2, normal: 0.6, background: 0.2 };
const priorities = ['critical', 'normal', 'background'] as const;
const workers = options.count('workers');
/** Sockets that the generator may have open. */
const BOUND = 1_000;

const runs = {
  limit: { limit: workers },
  queue: { limit: workers, queue: Math.ceil(workers / 5) },
  adaptive: { adaptive: true, min: Math.max(1, Math.floor(workers / 4)), max: workers * 10 },
};

const configuration = (service: string, concurrency: object): object => ({
  ...bareConfiguration(service),
  services: {
    origin: {
      endpoints: [service],
      concurrency,
      ...(options.text('breaker') === 'closed' ? { circuitBreaker: { force: 'closed' } } : {}),
    },
  },
  routes: priorities.map((priority) => ({
    name: priority,
    match: { path: `/${priority}` },
    service: 'origin',
    priority,
    expose: { public: { access: 'anonymous' } },
  })),
});

/** Milliseconds that each GET of the path took, until it is told to end. */
function watch(url: string): { end(): Promise<number[]> } {
  let ended = false;
  const took: number[] = [];
  const watching = (async () => {
    while (!ended) {
      const since = performance.now();
      const { status } = await fetch(url);
      took.push(status === 200 ? performance.now() - since : Number.POSITIVE_INFINITY);
      await pause(20);
    }
  })();
  return {
    async end() {
      ended = true;
      await watching;
      return took;
    },
  };
}

const adminOf = (log: string): string => /"admin":"([^"]+)"/.exec(readFileSync(log, 'utf8'))?.[1] ?? '';
const served = (asked: readonly Asked[]): Asked[] => asked.filter(({ status }) => status === 200);
const took = (asked: readonly Asked[], share: number): string =>
  shown(
    quantile(
      asked.map((one) => one.took),
      share,
    ),
    1,
  );

await inWorkspace(async (space) => {
  console.log(describeMachine());
  // The generator is this process.
  execFileSync('taskset', ['-a', '-p', '-c', String(otherCore), String(process.pid)], { stdio: 'ignore' });
  const random = seeded(options.count('seed'));
  const path = (): string => {
    const chance = random();
    if (chance < shares.critical) return '/critical';
    return chance < shares.critical + shares.normal ? '/normal' : '/background';
  };

  const startService = (name: string) =>
    space.start({
      name: `service-${name}`,
      core: otherCore,
      command: nodeCommand([], 'test/load/support/limited-service.ts', options.text('workers'), options.text('milliseconds')),
      ready: (printed) => /^http\S+/.exec(printed)?.[0],
    });

  const measurePeak = async (): Promise<number> => {
    const service = await startService('peak');
    const gateway = await startGateway(space, 'peak', configuration(service.announced, runs.limit));
    const seconds = options.count('peak');
    await closedLoop(gateway.url, '/normal', workers, seconds);
    const asked = await closedLoop(gateway.url, '/normal', workers, seconds);
    await gateway.stop();
    await service.stop();
    return served(asked).length / seconds;
  };

  const peak = await measurePeak();
  console.log(`\npeak, ${workers} connections at a time: ${shown(peak)} requests/s`);
  const rows: string[][] = [];
  const reasons: string[] = [];
  for (const name of options.choice('runs', ['limit', 'queue', 'adaptive'])) {
    const service = await startService(name);
    const gateway = await startGateway(space, name, configuration(service.announced, runs[name]));
    const overload = { url: gateway.url, rate: peak * options.count('load'), path, random, bound: BOUND };
    await openLoop({ ...overload, seconds: options.count('warm') + (name === 'adaptive' ? options.count('find') : 0) });
    const lives = watch(`${adminOf(gateway.log)}/livez`);
    const { asked, unsent } = await openLoop({ ...overload, seconds: options.count('seconds') });
    const livez = await lives.end();
    const goodput = served(asked).length / options.count('seconds');
    const refused = asked.filter(({ status }) => status === 503);
    const share = (priority: string) => {
      const those = asked.filter((one) => one.path === `/${priority}`);
      return shown(served(those).length / those.length, 3);
    };
    rows.push([
      name,
      shown(asked.length / options.count('seconds')),
      shown(goodput),
      shown(goodput / peak, 2),
      ...priorities.map(share),
      took(served(asked), 0.5),
      took(served(asked), 0.99),
      took(refused, 0.5),
      took(refused, 0.99),
      shown(Math.max(...livez), 1),
      shown(asked.length - served(asked).length - refused.length + unsent),
    ]);
    const codes = Map.groupBy(refused, ({ code }) => code);
    reasons.push(`${name}: ${[...codes].map(([code, those]) => `${shown(those.length / asked.length, 3)} ${code}`).join(', ')}`);
    await gateway.stop();
    await service.stop();
  }

  console.log(`\n${options.text('load')} times the peak: requests/s, the share that was served, milliseconds`);
  printTable(['', 'sent/s', 'goodput', '/peak', ...priorities, 'served p50', 'p99', 'refused p50', 'p99', '/livez max', 'errors'], rows);
  console.log(`refused, ${reasons.join('; ')}`);
  console.log('wanted: goodput at least 0.80 of the peak, 0.990 of the critical, /livez below 100 ms');
});
