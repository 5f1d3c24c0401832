/** What a suite starts and makes, so that `clear` can undo all of it, the last first. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, createServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, type ProgramOptions, startProgram } from './program.ts';

export interface Bench {
  /** A new empty directory. */
  directory(): Promise<string>;
  /** A file in a directory of its own; returns its path. */
  file(name: string, text: string): Promise<string>;
  start(command: string, args: readonly string[], options?: ProgramOptions): Program;
  /** Listens on a port the system chooses, on loopback; returns the port. */
  listen(server: Server | TcpServer): Promise<number>;
  undo(step: () => Promise<unknown> | unknown): void;
  clear(): Promise<void>;
}

export function openBench(): Bench {
  const steps: (() => Promise<unknown> | unknown)[] = [];
  const bench: Bench = {
    async directory() {
      const path = await mkdtemp(join(tmpdir(), 'postern-interop-'));
      steps.push(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
      return path;
    },
    async file(name, text) {
      const path = join(await bench.directory(), name);
      await writeFile(path, text);
      return path;
    },
    start(command, args, options) {
      const program = startProgram(command, args, options);
      steps.push(() => program.stop());
      return program;
    },
    async listen(server) {
      const port = await listenAnywhere(server);
      steps.push(() => {
        if ('closeAllConnections' in server) server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      });
      return port;
    },
    undo(step) {
      steps.push(step);
    },
    async clear() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
    },
  };
  return bench;
}

/** A free port, for servers that cannot choose one themselves and say which. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenAnywhere(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listenAnywhere(server: Server | TcpServer): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
