/** A gateway as its users run it: a process of its own, with a configuration file, told to stop by signals. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Given } from '../../support/gateways.ts';
import type { Servers } from './servers.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Launched {
  readonly child: ChildProcess;
  /** The configuration's. */
  readonly file: string;
  readonly ended: Promise<Ended>;
  /** Resolves with the first record of the log that has this event; rejects when the process ends before. */
  logs(event: string): Promise<Record<string, unknown>>;
}

export interface GatewayProcess extends Launched {
  readonly port: number;
  readonly admin: string;
  readyz(): Promise<number>;
}

export type Kind = 'public' | 'private';

export const root = resolve(import.meta.dirname, '../../..');

/** Runs `start` on a configuration, as an object or as text. */
export function launch(servers: Servers, kind: Kind, given: Given | string): Launched {
  return launchBy(servers, given, (file) => [process.execPath, join(root, `${kind}-gateway/main.ts`), 'start', '-c', file]);
}

/** Runs a command line, in the repository's folder, that names the file with this configuration. */
export function launchBy(servers: Servers, given: Given | string, line: (file: string) => readonly string[]): Launched {
  const folder = mkdtempSync(join(tmpdir(), 'postern-process-'));
  const file = join(folder, 'postern.yaml');
  writeFileSync(file, typeof given === 'string' ? given : stringify(complete(given)));
  const [command = '', ...words] = line(file);
  const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((done) => child.once('close', (code, signal) => done({ code, signal, stdout, stderr })));
  servers.defer(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  return {
    child,
    file,
    ended,
    logs: (event) =>
      new Promise((found, failed) => {
        const look = () => {
          const line = stdout
            .split('\n')
            .slice(0, -1)
            .find((text) => text.includes(`"event":"${event}"`));
          if (line === undefined) return;
          child.stdout.off('data', look);
          found(JSON.parse(line));
        };
        child.stdout.on('data', look);
        ended.then(() => failed(new Error(`ended before it logged ${event}: ${stderr}`)));
        look();
      }),
  };
}

/** Runs it until it listens. */
export async function run(servers: Servers, kind: Kind, given: Given): Promise<GatewayProcess> {
  const launched = launch(servers, kind, given);
  const { url, admin } = await launched.logs('listening');
  const readyz = async () => (await fetch(`${admin}/readyz`)).status;
  return { ...launched, port: Number(new URL(String(url)).port), admin: String(admin), readyz };
}

function complete(given: Given): object {
  const place = { host: '127.0.0.1', port: 0 };
  const section = (own: { listen?: object; admin?: object } = {}) => ({
    ...own,
    listen: { ...place, ...own.listen },
    admin: { ...place, ...own.admin },
  });
  return { services: {}, routes: [], ...given, public: section(given.public), private: section(given.private) };
}
