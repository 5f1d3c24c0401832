/** A gateway that registers with two servers of Eureka, which answer what the test says; time passes as the test says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { EurekaRegistration } from '../../../core/registry/eureka-registration.ts';
import { type TestClock, testClock } from '../../support/clock.ts';

/** Where it is registered. */
export const ONE = '/eureka/apps/EDGE/host%3Aedge%3A80';

interface Told {
  readonly line: string;
  readonly instance: Record<string, string> | undefined;
}

export interface RegistryServer {
  readonly url: string;
  /** What it was told so far. */
  readonly told: readonly Told[];
  /** With which it answers; undefined: never. */
  status: number | undefined;
  /** Until then it does not answer. */
  held: Promise<void> | undefined;
}

export interface Registering {
  readonly isReady?: () => boolean;
  readonly random?: number;
  readonly describe?: () => Promise<{ app: string; instanceId: string }>;
}

export interface RegisteringGateway {
  readonly servers: readonly [RegistryServer, RegistryServer];
  readonly clock: TestClock;
  readonly logged: readonly Record<string, unknown>[];
  begin(given?: Registering): EurekaRegistration;
  lines(server: RegistryServer): string[];
  /** Of what was logged. */
  events(): unknown[];
  /** Lets what is under way go on until something is so. */
  until(isSo: () => boolean): Promise<void>;
  /** Waits for as many requests as there should be by now, and for whatever they lead to. */
  heard(server: RegistryServer, count: number): Promise<void>;
  /** Until the client has set its timer again: a turn that is over has nothing under way. */
  quiet(): Promise<void>;
  pass(milliseconds: number): void;
  close(): Promise<void>;
}

async function startServer(): Promise<RegistryServer & { close(): void }> {
  const told: Told[] = [];
  const server = createServer(async (req, res) => {
    const body = (await req.toArray()).join('');
    told.push({ line: `${req.method} ${req.url}`, instance: body === '' ? undefined : JSON.parse(body).instance });
    await registry.held;
    const { status } = registry;
    if (status !== undefined) res.writeHead(status).end('because');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/eureka`,
    told,
    status: 200 as number | undefined,
    held: undefined as Promise<void> | undefined,
    close: () => server.close().closeAllConnections(),
  };
  return registry;
}

export async function startRegisteringGateway(): Promise<RegisteringGateway> {
  const servers = [await startServer(), await startServer()] as const;
  const clock = testClock();
  const logged: Record<string, unknown>[] = [];
  let registration: EurekaRegistration | undefined;
  mock.timers.enable({ apis: ['setTimeout'] });
  const gateway: RegisteringGateway = {
    servers,
    clock,
    logged,
    begin({ isReady = () => true, random = 0.5, describe = async () => ({ app: 'EDGE', instanceId: 'host:edge:80' }) } = {}) {
      const log = (record: object) => void logged.push(record as Record<string, unknown>);
      const urls = servers.map(({ url }) => `${url}/`);
      const parts = { isReady, clock, random: () => random, logger: { info: log, warn: log } as never };
      registration = new EurekaRegistration(urls, describe, parts);
      registration.start();
      return registration;
    },
    lines: ({ told }) => told.map(({ line }) => line),
    events: () => logged.map(({ event }) => event),
    async until(isSo) {
      const end = performance.now() + 5_000;
      while (!isSo()) {
        if (performance.now() > end) throw new Error('it never was so');
        await new Promise(setImmediate);
      }
    },
    async heard(server, count) {
      await gateway.until(() => server.told.length >= count);
      await gateway.quiet();
    },
    async quiet() {
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
    },
    pass(milliseconds) {
      clock.advance(milliseconds);
      mock.timers.tick(milliseconds);
    },
    async close() {
      for (const server of servers) server.status = 200;
      await registration?.cancel();
      mock.timers.reset();
      for (const server of servers) server.close();
    },
  };
  return gateway;
}
