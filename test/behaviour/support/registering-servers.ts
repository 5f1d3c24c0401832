/** Starts registering-server.ts, and ends it one way or the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Servers } from './servers.ts';

export interface RegisteringServer {
  readonly port: number;
  readonly pid: number;
  /** SIGKILL: it has no time for a last word. */
  kill(): Promise<void>;
  /** SIGTERM: it takes its leave. Resolves with its exit code. */
  end(): Promise<number | null>;
}

/** Resolves when it is registered. @param registry up to `/eureka` */
export async function startRegisteringServer(servers: Servers, registry: string, app: string): Promise<RegisteringServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'registering-server.ts'), registry, app], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => code ?? null);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  servers.defer(kill);
  const [line] = await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('the service ended')))]);
  const end = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { port: Number(line), pid: Number(child.pid), kill, end };
}
