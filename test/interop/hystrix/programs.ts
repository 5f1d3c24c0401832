/** Turbine and Hystrix's dashboard, as their users run them. */
import { get } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Bench, freePort } from '../support/bench.ts';
import { accepting } from '../support/program.ts';

const jars = join(import.meta.dirname, '../.cache/hystrix');
/** Small, and quick to start rather than quick. */
const java = ['-Xmx128m', '-XX:TieredStopAtLevel=1'];

/** A command or a pool, summed up over the streams it came in. What is not a number is a text, or says how often it was which. */
export type Aggregate = Readonly<Record<string, unknown>>;

export interface Turbine {
  readonly url: string;
  /** The newest of that name, when there was one. */
  latest(type: 'HystrixCommand' | 'HystrixThreadPool', name: string): Aggregate | undefined;
}

/** Turbine's own program over the given streams, and one reader of what it makes of them. */
export async function startTurbine(bench: Bench, streams: readonly string[]): Promise<Turbine> {
  const port = await freePort();
  const main = ['-cp', join(jars, 'runtime/*'), 'com.netflix.turbine.StartTurbine'];
  await accepting(bench.start('java', [...java, ...main, '-port', String(port), '-streams', streams.join(' ')]), port);
  const url = `http://127.0.0.1:${port}/`;
  const latest = new Map<string, Aggregate>();
  const reading = get(url, (answer) => {
    const lines = createInterface({ input: answer });
    for (const source of [answer, lines]) source.on('error', () => undefined);
    lines.on('line', (line) => {
      if (!line.startsWith('data:')) return;
      const aggregate = JSON.parse(line.slice(5)) as Aggregate;
      latest.set(`${aggregate['type']} ${aggregate['name']}`, aggregate);
    });
  });
  reading.on('error', () => undefined);
  bench.undo(() => reading.destroy());
  return { url, latest: (type, name) => latest.get(`${type} ${name}`) };
}

/** The dashboard of Hystrix 1.5.18 in Jetty; returns the address of the page that shows one stream. */
export async function startDashboard(bench: Bench): Promise<(stream: string) => string> {
  const port = await freePort();
  const file = (name: string) => join(jars, 'provided', name);
  const args = ['-jar', file('jetty-runner.jar'), '--host', '127.0.0.1', '--port', String(port), file('hystrix-dashboard.war')];
  await accepting(bench.start('java', [...java, ...args]), port);
  return (stream) => `http://127.0.0.1:${port}/monitor/monitor.html?stream=${encodeURIComponent(stream)}&title=Postern`;
}
