/** Real processes: started, listened to line by line, and always stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { until, within } from './until.ts';

export interface ProgramOptions {
  cwd?: string;
  /** The whole environment; the test's own when left out. */
  env?: Record<string, string>;
}

export interface Program {
  readonly pid: number;
  /** Every line of both outputs so far, in order of arrival. */
  readonly lines: readonly string[];
  /** Its exit code, or `undefined` while it runs. */
  exitCode(): number | undefined;
  /** Asks it to end, makes it end past the bound; returns the exit code (-1 when a signal ended it). */
  stop(): Promise<number>;
}

export function startProgram(command: string, args: readonly string[], options: ProgramOptions = {}): Program {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let code: number | undefined;
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(line));
  child.once('error', (error) => {
    lines.push(String(error));
    code ??= -1;
  });
  const ended = once(child, 'close').then(([exit]: unknown[]) => {
    code = typeof exit === 'number' ? exit : -1;
    return code;
  });
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    lines,
    exitCode: () => code,
    async stop() {
      if (code !== undefined) return code;
      child.kill('SIGTERM');
      return within('the end of a process', ended, 45_000).catch(() => {
        child.kill('SIGKILL');
        return ended;
      });
    },
  };
}

export interface Finished {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end. */
export async function run(command: string, args: readonly string[], options: ProgramOptions & { bound?: number } = {}): Promise<Finished> {
  const { bound = 60_000, ...rest } = options;
  const program = startProgram(command, args, rest);
  try {
    const code = await until(`${command} ${args.join(' ')} to end`, () => program.exitCode(), bound);
    return { code, output: program.lines.join('\n') };
  } finally {
    await program.stop();
  }
}

/** Waits until the program accepts connections on the port; fails at once when it ends instead. */
export async function accepting(program: Program, port: number, bound = 30_000): Promise<void> {
  await until(
    `a listener on port ${port}`,
    async () => {
      if (program.exitCode() !== undefined) throw new Error(`ended before it listened:\n${program.lines.join('\n')}`);
      const socket = connect(port, '127.0.0.1');
      const open = await new Promise<boolean>((resolve) => {
        socket.once('connect', () => resolve(true));
        socket.once('error', () => resolve(false));
      });
      socket.destroy();
      return open;
    },
    bound,
  );
}
