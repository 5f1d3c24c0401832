/**
 * What it costs to have an answer of several services: three that take their time, asked through the gateway for one answer, and the
 * slowest of them asked through it alone, by turns. Wanted is at most 1.1 of the slowest.
 */
import { createServer } from 'node:http';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { listening, startGateway } from './support/postern.ts';
import { median, medianRatio, quantile } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('What an answer made of parts costs beside its slowest part. Under a minute.', {
  rounds: { default: '200', help: 'requests of each kind' },
  warm: { default: '300', help: 'requests of each kind before' },
  slowest: { default: '50', help: 'milliseconds of the slowest part; the others take a half and a tenth' },
});

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const slowest = options.count('slowest');
  const delays = { fast: slowest / 10, middling: slowest / 2, slow: slowest };
  const services = await Promise.all(
    Object.entries(delays).map(async ([name, delay]) => {
      const server = createServer((_, res) => {
        setTimeout(() => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name, delay })), delay);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { name, server, url: `http://127.0.0.1:${(server.address() as { port: number }).port}` };
    }),
  );
  const expose = { public: { access: 'anonymous' } };
  const { url } = await startGateway(space, 'aggregate', {
    services: Object.fromEntries(services.map(({ name, url: endpoint }) => [name, { endpoints: [endpoint] }])),
    routes: [
      { name: 'slow', match: { path: '/slow' }, service: 'slow', expose },
      {
        name: 'all',
        match: { path: '/all' },
        aggregate: { parts: Object.fromEntries(services.map(({ name }) => [name, { service: name, path: '/', required: true }])) },
        expose,
      },
    ],
    public: listening,
    telemetry: { accessLog: false },
  });

  const timed = async (path: string): Promise<number> => {
    const since = performance.now();
    const answer = await fetch(`${url}${path}`);
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
    return performance.now() - since;
  };
  const alone: number[] = [];
  const all: number[] = [];
  for (let round = -options.count('warm'); round < options.count('rounds'); round += 1) {
    const [one, whole] = [await timed('/slow'), await timed('/all')];
    if (round < 0) continue;
    alone.push(one);
    all.push(whole);
  }
  for (const { server } of services) server.close().closeAllConnections();

  console.log(`\nthree parts of ${Object.values(delays).join(', ')} ms, one request at a time`);
  const row = (name: string, values: readonly number[]) => [name, shown(median(values), 2), shown(quantile(values, 0.99), 2)];
  printTable(['', 'p50 ms', 'p99 ms'], [row('slowest alone', alone), row('all parts', all)]);
  console.log(`all/slowest ${shown(medianRatio(all, alone), 3)} (wanted: at most 1.1)`);
});
