/** Runs wrk, the load generator: as fast as the connections allow, each with one request at a time. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { otherCore } from './machine.ts';

const run = promisify(execFile);

export interface Load {
  url: string;
  seconds: number;
  connections: number;
  /** One unless given. */
  threads?: number;
  headers?: Record<string, string>;
  /** A Lua file that makes the requests. */
  script?: string;
}

export interface LoadResult {
  requests: number;
  requestsPerSecond: number;
  /** Milliseconds. */
  p50: number;
  p99: number;
  /** Answers that were not 2xx or 3xx, and connections that failed. */
  errors: number;
}

export async function load(wanted: Load): Promise<LoadResult> {
  const headers = Object.entries(wanted.headers ?? {}).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const script = wanted.script === undefined ? [] : ['-s', wanted.script];
  const { stdout } = await run('taskset', [
    '-c',
    String(otherCore),
    'wrk',
    `-t${wanted.threads ?? 1}`,
    `-c${wanted.connections}`,
    `-d${wanted.seconds}s`,
    '--timeout',
    '10s',
    '--latency',
    ...headers,
    ...script,
    wanted.url,
  ]);
  return parse(stdout);
}

export function parse(printed: string): LoadResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(printed)?.[1] ?? 0);
  const requestsPerSecond = number(/^Requests\/sec:\s+([\d.]+)/m);
  if (!/^Requests\/sec:/m.test(printed)) throw new Error(`wrk said something else:\n${printed}`);
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(printed)?.slice(1) ?? [];
  return {
    requests: number(/^\s+(\d+) requests in/m),
    requestsPerSecond,
    p50: milliseconds(printed, '50'),
    p99: milliseconds(printed, '99'),
    errors: sockets.reduce((total, count) => total + Number(count), number(/Non-2xx or 3xx responses: (\d+)/)),
  };
}

function milliseconds(printed: string, percentile: string): number {
  const found = new RegExp(`^\\s+${percentile}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, 'm').exec(printed);
  const factor = { us: 0.001, ms: 1, s: 1000, m: 60_000 }[found?.[2] ?? ''] ?? Number.NaN;
  return Number(found?.[1]) * factor;
}
