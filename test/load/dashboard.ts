/**
 * What the dashboard costs the gateways while somebody has a page open: the share of a core of each, with a page and without, by
 * turns; while requests go through every route at a steady pace, so that all figures move, and while nothing happens.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Agent, request } from 'undici';
import { freePort } from './support/listening.ts';
import { describeMachine, measuredCore, otherCore } from './support/machine.ts';
import { nodeCommand, root } from './support/node.ts';
import { Options } from './support/options.ts';
import { atPace } from './support/pace.ts';
import { cpuSeconds, residentMiB } from './support/resources.ts';
import { median } from './support/statistics.ts';
import { printTable, shown } from './support/table.ts';
import { inWorkspace } from './support/workspace.ts';

const options = new Options('What an open dashboard costs the gateways. Five minutes.', {
  routes: { default: '10,1000', help: 'of each gateway, one size after the other' },
  services: { default: '5,100', help: 'behind them, each with two endpoints' },
  rate: { default: '100', help: 'requests a second through each gateway' },
  pages: { default: '1', help: 'that are open, all on the public gateway' },
  seconds: { default: '6', help: 'that are measured at a time' },
  warm: { default: '8', help: 'seconds before the first of them' },
  rounds: { default: '4', help: 'with a page and without, of each' },
});
const seconds = options.count('seconds');
const rate = options.count('rate');
const numbers = (name: 'routes' | 'services'): number[] => options.text(name).split(',').map(Number);

/** The connection of a page, which reads all that comes. */
async function openPage(admin: string): Promise<{ bytes(): number; close(): void }> {
  const over = new AbortController();
  const { body } = await request(`${admin}/events`, { signal: over.signal, bodyTimeout: 0 });
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  body.on('error', () => {});
  return { bytes: () => bytes, close: () => over.abort() };
}

function configuration(routes: number, services: number, origin: number, admin: Record<'public' | 'private', number>): object {
  const expose = { public: { access: 'anonymous' }, private: { callers: ['all'] } };
  const section = (port: number) => ({
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port },
    drain: { grace: '0s', deadline: '2s' },
  });
  return {
    services: Object.fromEntries(
      Array.from({ length: services }, (_, at) => [
        `service-${at}`,
        { endpoints: [`http://127.0.0.1:${origin}`, `http://localhost:${origin}`] },
      ]),
    ),
    routes: Array.from({ length: routes }, (_, at) => ({
      name: `route-${at}`,
      match: { path: `/r/${at}` },
      service: `service-${at % services}`,
      expose,
    })),
    public: section(admin.public),
    private: { ...section(admin.private), callers: { all: { from: ['127.0.0.1'] } } },
    telemetry: { accessLog: false },
  };
}

const origin = createServer((_req, res) => res.end('ok')).listen(0, '127.0.0.1');
await once(origin, 'listening');
const { port: originPort } = origin.address() as { port: number };

await inWorkspace(async (space) => {
  console.log(`${describeMachine()}; others on the machine make every figure here larger`);
  const agent = new Agent({ connections: 20 });
  const rows: string[][] = [];
  for (const [at, routes] of numbers('routes').entries()) {
    const services = numbers('services')[at] ?? 1;
    const admin = { public: await freePort(), private: await freePort() };
    const file = space.write(`dashboard-${routes}.yaml`, JSON.stringify(configuration(routes, services, originPort, admin)));
    const start = async (kind: 'public' | 'private', core: number) => {
      const ready = (printed: string) => /^.*"event":"listening".*$/m.exec(printed)?.[0];
      const command = nodeCommand([], `${kind}-gateway/main.ts`, 'start', '-c', file);
      const running = await space.start({ name: `${kind}-${routes}`, core, cwd: root, command, ready });
      const { url, admin }: { url: string; admin: string } = JSON.parse(running.announced);
      return { ...running, url, admin };
    };
    const [edge, inside] = [await start('public', measuredCore), await start('private', otherCore)];
    const both = [edge, inside];
    const ask = (base: string) => ({
      rate,
      work: async (nth: number) => {
        const { body } = await request(`${base}/r/${(nth * 7) % routes}`, { dispatcher: agent });
        await body.dump();
      },
    });
    /** The share of a core of each gateway. */
    const share = async (busy: boolean): Promise<number[]> => {
      const before = both.map(({ pid }) => cpuSeconds(pid));
      const begun = performance.now();
      await atPace(seconds, busy ? both.map(({ url }) => ask(url)) : [{ rate: 0, work: async () => {} }]);
      const passed = (performance.now() - begun) / 1000;
      return both.map(({ pid }, at) => (cpuSeconds(pid) - (before[at] ?? 0)) / passed);
    };
    await atPace(
      3,
      both.map(({ url }) => ask(url)),
    );
    for (const busy of [false, true]) {
      const without: number[][] = [];
      const withPage: number[][] = [];
      let bytes = 0;
      const work = () => (busy ? both.map(({ url }) => ask(url)) : [{ rate: 0, work: async () => {} }]);
      const look = async (): Promise<void> => {
        const pages = await Promise.all(Array.from({ length: options.count('pages') }, () => openPage(edge.admin)));
        // What a page begins with is no part of what it goes on with.
        await atPace(2, work());
        const before = pages[0]?.bytes() ?? 0;
        withPage.push(await share(busy));
        bytes = ((pages[0]?.bytes() ?? 0) - before) / seconds;
        for (const page of pages) page.close();
      };
      const lookAway = async (): Promise<void> => {
        await atPace(2, work());
        without.push(await share(busy));
      };
      await atPace(options.count('warm'), work());
      // What runs later runs warmer: each comes first every other time.
      for (let round = 0; round < options.count('rounds'); round += 1)
        for (const turn of round % 2 === 0 ? [lookAway, look] : [look, lookAway]) await turn();
      const of = (shares: number[][], gateway: number) => median(shares.map((both) => both[gateway] ?? 0)) * 100;
      for (const [gateway, name] of ['public', 'private'].entries())
        rows.push([
          `${routes} routes, ${services} services, ${busy ? `${rate} requests/s` : 'idle'}, ${name}`,
          `${shown(of(without, gateway), 2)} %`,
          `${shown(of(withPage, gateway), 2)} %`,
          `${shown(of(withPage, gateway) - of(without, gateway), 2)} %`,
          gateway === 0 ? `${shown(bytes / 1024, 1)} KiB/s` : '',
          `${shown(residentMiB(both[gateway]?.pid ?? 0))} MiB`,
        ]);
    }
    await Promise.all(both.map(({ stop }) => stop()));
  }
  printTable(['of a core', 'no page', 'a page', 'its cost', 'told', 'resident'], rows);
  await agent.close();
});
origin.close();
