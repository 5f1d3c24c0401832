/** The gateways as their users run them: a process, a configuration file, JSON log lines on standard output. */
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { until } from './until.ts';

/** Milliseconds, on a busy machine. */
const STARTING = 60_000;

const root = join(import.meta.dirname, '../../..');

export interface Gateway {
  readonly url: string;
  readonly admin: string;
  readonly pid: number;
  /** Every record logged so far. */
  records(): Record<string, unknown>[];
  /** Drains it; returns its exit code. */
  stop(): Promise<number>;
}

/**
 * Starts one gateway of the pair on a configuration file and waits until it says where it listens.
 *
 * @param more variables of its environment beside the test's own
 */
export async function startGateway(
  bench: Bench,
  which: 'public-gateway' | 'private-gateway',
  file: string,
  more: Record<string, string> = {},
): Promise<Gateway> {
  const env = { ...process.env, ...more } as Record<string, string>;
  const program = bench.start(join(root, 'node_modules/.bin/node'), [`${which}/main.ts`, 'start', '-c', file], { cwd: root, env });
  const records = () => program.lines.map(parse).filter((record) => record !== undefined);
  const listening = await until(
    `${which} to listen`,
    () => {
      if (program.exitCode() !== undefined) throw new Error(`${which} ended instead of listening:\n${program.lines.join('\n')}`);
      return records().find((record) => record.event === 'listening');
    },
    STARTING,
  );
  return { url: String(listening.url), admin: String(listening.admin), pid: program.pid, records, stop: program.stop };
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
