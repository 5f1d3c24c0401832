/**
 * What the embedded registry costs when it is large: the processor time of each operation, from it the share of a core that
 * goes into heartbeats and fetches every 30 s, resident memory, and how long a change is on its way to who listens.
 */
import { get, type IncomingMessage } from 'node:http';
import { Pool } from 'undici';
import { describeMachine, measuredCore } from './support/machine.ts';
import { nodeCommand, root } from './support/node.ts';
import { Options } from './support/options.ts';
import { listening } from './support/postern.ts';
import { cpuSeconds, residentMiB } from './support/resources.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('The cost of a large registry. About a minute.', {
  instances: { default: '10000', help: 'registered at once' },
  applications: { default: '500', help: 'they belong to' },
  changes: { default: '100', help: 'watched on their way' },
  readers: { default: '50', help: 'who fetch everything every 30 s' },
});
const instances = options.count('instances');
const applications = options.count('applications');

/** Seconds between two heartbeats, and between two fetches, of Eureka's clients. */
const INTERVAL = 30;
const IN_FLIGHT = 32;

await inWorkspace(async (space) => {
  console.log(describeMachine());
  const configuration = {
    services: {},
    routes: [],
    private: { ...listening, callers: { services: { from: ['127.0.0.1'] } } },
    registry: { embedded: { port: 0 } },
  };
  const file = space.write('registry.yaml', JSON.stringify(configuration));
  const { announced: url, pid } = await space.start({
    name: 'registry',
    core: measuredCore,
    cwd: root,
    command: nodeCommand(['--max-semi-space-size=64'], 'private-gateway/main.ts', 'start', '-c', file),
    ready: (printed) => /"registry":"([^"]+)"/.exec(printed)?.[1],
  });
  const pool = new Pool(new URL(url).origin, { connections: IN_FLIGHT });
  const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<number> => {
    const headers = { accept: 'application/json', 'accept-encoding': 'gzip', ...(body ? { 'content-type': 'application/json' } : {}) };
    const answer = await pool.request({ method, path: `/eureka${path}`, headers, body: body ? JSON.stringify(body) : null });
    if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.statusCode}`);
    return (await answer.body.bytes()).length;
  };
  const register = (at: number) => ask('POST', `/apps/APP-${at % applications}`, { instance: instanceOf(at) });

  /** Milliseconds of processor time for each. */
  const cost = async (times: number, operation: (at: number) => Promise<unknown>): Promise<number> => {
    const before = cpuSeconds(pid);
    let next = 0;
    const worker = async () => {
      for (let at = next++; at < times; at = next++) await operation(at);
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return ((cpuSeconds(pid) - before) * 1000) / times;
  };

  const empty = residentMiB(pid);
  const registration = await cost(instances, register);
  const heartbeat = await cost(instances, (at) => ask('PUT', `/apps/APP-${at % applications}/i-${at}?status=UP&lastDirtyTimestamp=1`));
  const full = await cost(20, () => ask('GET', '/apps'));
  const fullChanged = await cost(20, async (at) => {
    await register(at);
    await ask('GET', '/apps');
  });
  const delta = await cost(1_000, () => ask('GET', '/apps/delta'));
  const bytes = await ask('GET', '/apps');
  const memory = residentMiB(pid);

  printTable(
    ['operation', 'ms of CPU'],
    [
      ['registration', shown(registration, 3)],
      ['heartbeat', shown(heartbeat, 3)],
      ['everything, gzip, unchanged', shown(full, 1)],
      ['everything, gzip, after a change', shown(fullChanged, 1)],
      [`delta of ${instances} changes`, shown(delta, 3)],
    ],
  );
  const share = (perInterval: number): number => perInterval / (INTERVAL * 1000);
  const beats = share(instances * heartbeat);
  const deltas = share(instances * delta);
  const fetches = share(options.count('readers') * fullChanged);
  console.log(
    `\n${shown(instances)} instances of ${shown(applications)} applications, everything is ${shown(bytes / 1024)} KiB compressed:\n` +
      `${shown(beats * 100, 1)} % of a core for heartbeats, ${shown(fetches * 100, 1)} % for ${options.text('readers')} full fetches, ` +
      `each every ${INTERVAL} s and after a change;\n` +
      `${shown(deltas * 100, 1)} % if every instance fetched that delta as often; ${shown(memory)} MiB resident (${shown(empty)} when empty)`,
  );

  const events = await new Promise<IncomingMessage>((resolve) => get(`${url}/events`, resolve));
  let told: () => void = () => {};
  events.on('data', (chunk: Buffer) => {
    if (chunk.includes('event: change')) told();
  });
  const ways: number[] = [];
  for (let at = 0; at < options.count('changes'); at += 1) {
    const arrived = new Promise<void>((resolve) => {
      told = resolve;
    });
    const begun = performance.now();
    await Promise.all([register(at), arrived.then(() => ways.push(performance.now() - begun))]);
  }
  events.destroy();
  console.log(`a change is ${shown(median(ways), 1)} ms on its way to who listens, at most ${shown(Math.max(...ways), 1)} ms`);
  await pool.close();
});

function instanceOf(at: number): object {
  const host = `host-${at}.internal.example`;
  return {
    instanceId: `i-${at}`,
    hostName: host,
    app: `APP-${at % applications}`,
    ipAddr: `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
    status: 'UP',
    port: { $: 8080, '@enabled': 'true' },
    vipAddress: `app-${at % applications}`,
    homePageUrl: `http://${host}:8080/`,
    statusPageUrl: `http://${host}:8080/actuator/info`,
    healthCheckUrl: `http://${host}:8080/actuator/health`,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: 90 },
    metadata: { zone: 'a', 'management.port': '8080' },
    lastDirtyTimestamp: '1',
  };
}
