/**
 * Isolation: what the requests of one service feel of another that hangs. Round after round the healthy service is called
 * alone, and then while requests hang in the other (its bulkhead full, the rest refused at once). Printed are the healthy
 * one's medians and the ratio of its p99; wanted is at most 2.
 */
import { createServer, type Socket } from 'node:net';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { bareConfiguration, startGateway } from './support/postern.ts';
import { median, medianRatio } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';
import { type LoadResult, load } from './support/wrk.ts';

const options = new Options('What one service feels of another that hangs. About two minutes.', {
  rounds: { default: '7', help: 'rounds' },
  seconds: { default: '4', help: 'of load on the healthy service in each half of a round' },
  warm: { default: '15', help: 'seconds of load before the first round' },
  connections: { default: '16', help: 'that call the healthy service' },
  hanging: { default: '200', help: 'requests that hang in the other service' },
});

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { port: number };
  const bare = bareConfiguration(origin.url) as { services: object; routes: object[] };
  const { url } = await startGateway(space, 'isolation', {
    ...bare,
    services: {
      ...bare.services,
      hanging: { endpoints: [`http://127.0.0.1:${port}`], timeouts: { attempt: '10m', request: '10m', idle: '10m' } },
    },
    routes: [
      { name: 'hanging', match: { path: '/hang' }, service: 'hanging', expose: { public: { access: 'anonymous' } } },
      ...bare.routes,
    ],
  });

  const healthy = (seconds: number): Promise<LoadResult> =>
    load({ url: `${url}/small`, seconds, connections: options.count('connections') });
  await healthy(options.count('warm'));
  const alone: LoadResult[] = [];
  const beside: LoadResult[] = [];
  for (let round = 0; round < options.count('rounds'); round += 1) {
    alone.push(await healthy(options.count('seconds')));
    const leaving = new AbortController();
    const hung = Array.from({ length: options.count('hanging') }, () => fetch(`${url}/hang`, { signal: leaving.signal }).catch(() => {}));
    while (sockets.size < Math.min(200, options.count('hanging'))) await new Promise((resolve) => setTimeout(resolve, 20));
    beside.push(await healthy(options.count('seconds')));
    leaving.abort();
    await Promise.all(hung);
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  }
  silent.close();

  const values = (results: readonly LoadResult[], field: 'p50' | 'p99' | 'requestsPerSecond') => results.map((result) => result[field]);
  console.log(`\n60 B, ${options.text('connections')} connections, ${options.text('hanging')} requests hanging in another service`);
  printTable(
    ['', 'requests/s', 'p50 ms', 'p99 ms', 'errors'],
    [
      ['alone', alone],
      ['beside', beside],
    ].map(([name, results]) => {
      const all = results as LoadResult[];
      const errors = all.reduce((total, result) => total + result.errors, 0);
      return [
        name as string,
        shown(median(values(all, 'requestsPerSecond'))),
        shown(median(values(all, 'p50')), 2),
        shown(median(values(all, 'p99')), 2),
        shown(errors),
      ];
    }),
  );
  console.log(`p99 beside/alone ${shown(medianRatio(values(beside, 'p99'), values(alone, 'p99')), 2)} (wanted: at most 2)`);
});
