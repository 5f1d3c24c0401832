/** Starts small-server.ts and kills it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Servers } from './servers.ts';

export interface SmallServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** SIGKILL: it has no time for a last word. */
  kill(): Promise<void>;
}

/** What it answers. */
export interface Answered {
  readonly by: number;
  readonly method: string;
  /** Bytes of the body. */
  readonly received: number;
}

/** @param port of one that was killed, for another to take its place; any free one otherwise */
export async function startSmallServer(servers: Servers, port = 0): Promise<SmallServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'small-server.ts'), String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  servers.defer(kill);
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('the small server ended')))]);
  const announced = Number(line);
  return { url: `http://127.0.0.1:${announced}`, port: announced, pid: Number(child.pid), kill };
}
