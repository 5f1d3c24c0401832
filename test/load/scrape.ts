/**
 * What Prometheus costs a gateway with a thousand routes, each with traffic by two methods of two statuses: how many series and
 * bytes that is, how long a scrape takes, plain and gzipped, while nothing else happens and under load, and what requests feel of a
 * scrape every 15 s, as is usual, and of one each second: their latency at a tenth of saturation and at saturation, in rounds with
 * scrapes and without, by turns.
 * Where Prometheus is installed (`apt-get install prometheus`), it scrapes too, and says how long it took.
 */
import { execFileSync } from 'node:child_process';
import { Agent, get, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { describeMachine } from './support/machine.ts';
import { Options } from './support/options.ts';
import { startOrigin } from './support/origin.ts';
import { type Gateway, listening, startGateway } from './support/postern.ts';
import { startPrometheus } from './support/prometheus.ts';
import { median, medianRatio, quantile } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { takingTimedTurns, takingTurns } from './support/turns.ts';
import { inWorkspace, type Workspace } from './support/workspace.ts';
import { type Load, type LoadResult, load } from './support/wrk.ts';

const parts = ['scrapes', 'tenth', 'full', 'prometheus'] as const;
const options = new Options('What a scrape of a thousand routes takes, and what requests feel of it. About ten minutes.', {
  routes: { default: '1000', help: 'of the gateway' },
  services: { default: '100', help: 'that they lead to' },
  scrapes: { default: '30', help: 'of each kind' },
  rounds: { default: '5', help: 'rounds of load' },
  seconds: { default: '15', help: 'of load in each round, without scrapes, with one every 15 s and with one each second' },
  only: { default: '', help: `of ${parts.join(',')}` },
});
const count = options.count('routes');
const wanted = options.choice('only', parts);

/** Milliseconds from one scrape to the next. */
const kinds = { none: undefined, 'every 15 s': 15_000, 'every second': 1_000 } as const;
type Kind = keyof typeof kinds;

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const origin = await startOrigin(space);
  const gateway = await startGateway(space, 'gateway', configuration(origin.url));
  const paths = Array.from({ length: count }, (_, route) => `/told/${route}/orders`);
  await visitAll(gateway.url, paths);
  const turns = paths.map((path) => ({ path }));
  const { url, admin } = gateway;
  const tenth = { url, connections: 16, threads: 16, script: space.write('tenth.lua', takingTimedTurns(turns, 12)) };
  const full = { url, connections: 64, script: space.write('full.lua', takingTurns(turns)) };
  await load({ ...full, seconds: 5 });

  if (wanted.includes('scrapes')) await tellOfScrapes(admin, tenth);
  if (wanted.includes('tenth')) await tellOfRequests('a tenth of saturation', admin, tenth);
  if (wanted.includes('full')) await tellOfRequests('saturation', admin, full);
  if (wanted.includes('prometheus')) await askPrometheus(space, gateway, tenth);
});

function configuration(origin: string): object {
  const services = options.count('services');
  return {
    services: Object.fromEntries(Array.from({ length: services }, (_, at) => [`service-${at}`, { endpoints: [origin] }])),
    routes: Array.from({ length: count }, (_, at) => ({
      name: `route-${at}`,
      match: { path: `/told/${at}/{id}` },
      service: `service-${at % services}`,
      expose: { public: { access: 'anonymous' } },
    })),
    public: listening,
    telemetry: { accessLog: false },
  };
}

/** Each route by two methods, and of each an answer that is good and one that is not. */
async function visitAll(url: string, paths: readonly string[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const visit = (method: string, path: string) =>
    new Promise<void>((resolve, reject) => {
      request(`${url}${path}`, { method, agent }, (answer) => answer.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });
  for (const path of paths)
    await Promise.all([visit('GET', path), visit('GET', `${path}?status=404`), visit('POST', path), visit('POST', `${path}?status=409`)]);
  agent.destroy();
}

type Paced = Omit<Load, 'seconds'>;

interface Scraped {
  readonly milliseconds: number;
  readonly body: Buffer;
}

/** As Prometheus does, to the last byte, but not unpacked: that is not the gateway's time. */
function scrape(admin: string, coding: string): Promise<Scraped> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    get(`${admin}/metrics`, { headers: { 'accept-encoding': coding } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ milliseconds: performance.now() - startedAt, body: Buffer.concat(chunks) }));
    }).on('error', reject);
  });
}

async function tellOfScrapes(admin: string, under: Paced): Promise<void> {
  const lines = (await scrape(admin, 'identity')).body.toString().split('\n');
  const series = lines.filter((line) => line !== '' && !line.startsWith('#'));
  const histograms = series.filter((line) => line.includes('_count{')).length;
  console.log(`\n${shown(count)} routes: ${shown(series.length)} series, of ${shown(histograms)} histograms and others`);
  const rows: string[][] = [];
  for (const when of ['idle', 'under load'] as const) {
    const done = when === 'idle' ? undefined : load({ ...under, seconds: 10 });
    for (const coding of ['identity', 'gzip']) {
      const scraped: Scraped[] = [];
      for (let turn = 0; turn < options.count('scrapes'); turn += 1) {
        scraped.push(await scrape(admin, coding));
        await pause(50);
      }
      const times = scraped.map(({ milliseconds }) => milliseconds);
      rows.push([
        `${coding}, ${when}`,
        shown((scraped[0]?.body.length ?? 0) / 1024),
        ...[median(times), quantile(times, 0.9), Math.max(...times)].map((time) => shown(time)),
      ]);
    }
    await done;
  }
  printTable(['a scrape', 'KiB', 'median ms', 'p90 ms', 'most ms'], rows);
}

async function tellOfRequests(name: string, admin: string, paced: Paced): Promise<void> {
  const order = Object.keys(kinds) as Kind[];
  const results = Object.fromEntries(order.map((kind) => [kind, []])) as unknown as Record<Kind, LoadResult[]>;
  const times: number[] = [];
  for (let round = 0; round < options.count('rounds'); round += 1) {
    for (const kind of order) {
      const scraping = scrapeEvery(kinds[kind], admin, times);
      results[kind].push(await load({ ...paced, seconds: options.count('seconds') }));
      scraping.abort();
      await pause(300);
    }
    // Whoever was first is last, so that none has the better place.
    order.reverse();
  }
  console.log(`\nrequests at ${name}; a scrape took ${shown(median(times))} ms, at most ${shown(Math.max(...times))}`);
  const of = (kind: Kind, field: keyof LoadResult) => results[kind].map((result) => result[field]);
  const ratio = (kind: Kind, field: keyof LoadResult) => shown(medianRatio(of(kind, field), of('none', field)), 2);
  printTable(
    ['scrapes', 'requests/s', 'p50 ms', 'p99 ms', 'errors', 'requests/s of none', 'p50 of none', 'p99 of none'],
    (Object.keys(kinds) as Kind[]).map((kind) => [
      kind,
      shown(median(of(kind, 'requestsPerSecond'))),
      shown(median(of(kind, 'p50')), 2),
      shown(median(of(kind, 'p99')), 2),
      shown(of(kind, 'errors').reduce((sum, errors) => sum + errors, 0)),
      ...(['requestsPerSecond', 'p50', 'p99'] as const).map((field) => ratio(kind, field)),
    ]),
  );
}

/** The first amid what would be the pause before it. */
function scrapeEvery(milliseconds: number | undefined, admin: string, times: number[]): AbortController {
  const ending = new AbortController();
  const scraping = async () => {
    if (milliseconds === undefined) return;
    for (let next = milliseconds / 2; ; next = milliseconds) {
      await pause(next, undefined, { signal: ending.signal });
      scrape(admin, 'gzip').then((done) => times.push(done.milliseconds));
    }
  };
  scraping().catch(() => {});
  return ending;
}

async function askPrometheus(space: Workspace, { admin }: Gateway, under: Paced): Promise<void> {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' });
  } catch {
    console.log('\nPrometheus is not installed');
    return;
  }
  const prometheus = await startPrometheus(space, new URL(admin).host);
  const tell = async (when: string) => {
    const taken = (share: number) => prometheus.query(`quantile_over_time(${share}, scrape_duration_seconds[15s]) * 1000`);
    const up = await prometheus.query('min_over_time(up[15s])');
    return [when, shown(up), shown(await prometheus.query('scrape_samples_scraped')), shown(await taken(0.5)), shown(await taken(1))];
  };
  await pause(16_000);
  const idle = await tell('idle');
  await load({ ...under, seconds: 16 });
  console.log('\nPrometheus, which unpacks and stores, once a second');
  printTable(['', 'up', 'samples', 'median ms', 'most ms'], [idle, await tell('under load')]);
}
