/**
 * Where a benchmark keeps its files and what it started. Every process is pinned to one core, writes to a file in a
 * directory of its own, and is stopped, as the directory is removed, however the benchmark ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessSpec {
  name: string;
  core: number;
  command: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Called with what the process has printed so far, until it returns something. */
  ready: (printed: string) => string | undefined | Promise<string | undefined>;
}

export interface Running {
  name: string;
  pid: number;
  /** What `ready` returned. */
  announced: string;
  /** The file its standard output and error go to. */
  output: string;
  stop(): Promise<void>;
}

export interface Workspace {
  directory: string;
  write(name: string, text: string): string;
  start(spec: ProcessSpec): Promise<Running>;
}

const startWithin = 15_000;

export async function inWorkspace(work: (space: Workspace) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'postern-load-'));
  chmodSync(directory, 0o755); // nginx started by root reads as nobody
  const started = new Map<ChildProcess, () => Promise<void>>();
  const killAll = (): void => {
    for (const child of started.keys()) signalAll(child, 'SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  const leave = async (): Promise<void> => {
    await Promise.all([...started.values()].map((stop) => stop()));
    process.exit(130);
  };
  process.on('exit', killAll);
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
  try {
    await work({
      directory,
      write(name, text) {
        const file = join(directory, name);
        writeFileSync(file, text);
        return file;
      },
      async start(spec) {
        const output = join(directory, `${spec.name}.out`);
        const child = launch(spec, output);
        const stop = () => end(child).finally(() => started.delete(child));
        started.set(child, stop);
        const announced = await untilReady(spec, child, output);
        return { name: spec.name, pid: child.pid ?? 0, announced, output, stop };
      },
    });
  } finally {
    await Promise.all([...started.values()].map((stop) => stop()));
    rmSync(directory, { recursive: true, force: true });
    process.off('exit', killAll);
    process.off('SIGINT', leave);
    process.off('SIGTERM', leave);
  }
}

function launch(spec: ProcessSpec, output: string): ChildProcess {
  const descriptor = openSync(output, 'w');
  // taskset replaces itself with the command, so the child's id is the command's.
  const child = spawn('taskset', ['-c', String(spec.core), ...spec.command], {
    cwd: spec.cwd,
    env: { ...process.env, ...spec.env },
    stdio: ['ignore', descriptor, descriptor],
    // A process group of its own, so that a killed nginx takes its workers with it.
    detached: true,
  });
  child.on('error', () => {});
  closeSync(descriptor);
  return child;
}

async function untilReady(spec: ProcessSpec, child: ChildProcess, output: string): Promise<string> {
  const deadline = Date.now() + startWithin;
  while (Date.now() < deadline && child.exitCode === null) {
    const announced = await spec.ready(readFileSync(output, 'utf8'));
    if (announced !== undefined) return announced;
    await pause(50);
  }
  const said = readFileSync(output, 'utf8').slice(-2000);
  const why = child.exitCode === null ? `was not ready in ${startWithin} ms` : `exited with ${child.exitCode}`;
  throw new Error(`${spec.name} ${why}: ${spec.command.join(' ')}\n${said}`);
}

/** Asks, asks again (a second SIGTERM ends a gateway's drain), then insists. */
async function end(child: ChildProcess): Promise<void> {
  for (const [signal, patience] of [
    ['SIGTERM', 300],
    ['SIGTERM', 1500],
    ['SIGKILL', 1000],
  ] as const) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (signal === 'SIGKILL') signalAll(child, signal);
    else child.kill(signal);
    await Promise.race([gone, pause(patience, undefined, { ref: false })]);
  }
}

function signalAll(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
