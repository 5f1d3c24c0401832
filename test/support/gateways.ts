/** Gateways in this process, on real sockets with free ports, from a few lines of configuration. */
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Clock } from '../../core/clock.ts';
import { parseConfig } from '../../core/config/load.ts';
import { readContracts } from '../../core/contract/contracts.ts';
import { startGateway } from '../../core/gateway.ts';
import type { Profile } from '../../core/profile.ts';
import type { RunningGateway } from '../../core/running-gateway.ts';
import type { Pressure } from '../../core/telemetry/pressure.ts';
import { privateGateway } from '../../private-gateway/profile.ts';
import { publicGateway } from '../../public-gateway/profile.ts';

/** A configuration as the file has it, as a plain object; ports and hosts are filled in. */
export interface Given {
  services?: Record<string, unknown>;
  routes?: object[];
  public?: object;
  private?: object;
  registry?: object;
  state?: string;
  filters?: object;
  telemetry?: object;
}

export interface TestGateway extends RunningGateway {
  readonly port: number;
  /** The configuration's. */
  readonly file: string;
  /** The log so far, a record a line. */
  logged(): Record<string, unknown>[];
  /** Writes another configuration into its file. */
  rewrite(given: Given): void;
}

export interface TestOptions {
  /** The folder that files of the configuration are relative to. */
  directory?: string;
  clock?: Clock;
  /** None unless given: how busy the process of the tests is must not decide what they see. */
  pressure?: Pressure | 'measured';
}

/** What changes something on an admin port needs. */
export const ADMIN_TOKEN = 'a-token-of-the-tests';

const calm: Pressure = { level: () => 0, stop() {} };

export const startPublic = (given: Given, options?: TestOptions): Promise<TestGateway> => start(publicGateway, given, options);
export const startPrivate = (given: Given, options?: TestOptions): Promise<TestGateway> => start(privateGateway, given, options);

/** The shortest useful configuration: everything goes to one service, and anybody may. */
export function open(
  serviceUrl: string,
  more: { route?: object; service?: object; public?: object; private?: object; filters?: object; telemetry?: object } = {},
): Given {
  return {
    services: { upstream: { endpoints: [serviceUrl], ...more.service } },
    routes: [
      {
        name: 'open',
        match: { pathPrefix: '/' },
        service: 'upstream',
        expose: { public: { access: 'anonymous' }, private: { callers: ['tests'] } },
        ...more.route,
      },
    ],
    public: more.public ?? {},
    private: { callers: { tests: { from: ['127.0.0.0/8', '::1'] } }, ...more.private },
    filters: more.filters ?? {},
    telemetry: more.telemetry ?? {},
  };
}

async function start(profile: Profile, given: Given, { directory, pressure = calm, ...options }: TestOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-'));
  const place = { host: '127.0.0.1', port: 0 };
  const section = (own: object & { listen?: object; admin?: object } = {}) => ({
    drain: { grace: '0ms', deadline: '2s' },
    ...own,
    listen: { ...place, ...own.listen },
    admin: { ...place, token: ADMIN_TOKEN, ...own.admin },
  });
  const textOf = (of: Given) => stringify({ services: {}, routes: [], ...of, public: section(of.public), private: section(of.private) });
  const text = textOf(given);
  const file = newFile(directory ?? folder);
  writeFileSync(file, text);
  const loaded = parseConfig(text, { file, environment: {}, accompany: readContracts });
  const logFile = join(folder, 'log');
  const fd = openSync(logFile, 'a');
  const gateway = await startGateway(profile, loaded, {
    ...options,
    environment: {},
    ...(pressure === 'measured' ? {} : { pressure }),
    logTo: fd,
  });
  let closed = false;
  const close = () => {
    if (closed) return;
    closed = true;
    closeSync(fd);
    rmSync(folder, { recursive: true });
  };
  let lines: Record<string, unknown>[] = [];
  const read = () => {
    if (!closed)
      lines = readFileSync(logFile, 'utf8')
        .split('\n')
        // What comes behind the last end of a line is being written.
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    return lines;
  };
  return {
    ...gateway,
    port: Number(new URL(gateway.url).port),
    file,
    logged: read,
    rewrite: (other) => writeFileSync(file, textOf(other)),
    drain: async () => {
      const cut = await gateway.drain();
      read();
      close();
      return cut;
    },
    stop: async () => {
      await gateway.stop();
      read();
      close();
    },
  };
}

/** Several gateways may have their files in one folder. */
function newFile(folder: string): string {
  for (let count = 1; ; count += 1) {
    const file = join(folder, count === 1 ? 'postern.yaml' : `postern-${count}.yaml`);
    if (!existsSync(file)) return file;
  }
}
