/** A gateway as a process: from start to the signal that ends it. */
import { ConfigError } from './config/finding.ts';
import type { LoadedConfig } from './config/load.ts';
import { startGateway } from './gateway.ts';
import type { Profile } from './profile.ts';
import type { RunningGateway } from './running-gateway.ts';

const FAILED = 1;

/** Runs until SIGTERM or SIGINT; resolves with the exit code. A second signal ends it now. */
export async function serve(profile: Profile, loaded: LoadedConfig): Promise<number> {
  const told = Promise.withResolvers<void>();
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    told.resolve();
    if (signals > 1) process.exit(FAILED);
  };
  // Before it listens, for whoever reads that in the log may signal at once.
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  let gateway: RunningGateway | undefined;
  // By default it would end the process.
  let asked = false;
  process.on('SIGHUP', () => {
    asked = true;
    void gateway?.reloading.reload('signal');
  });
  const onFault = (error: unknown) => {
    if (gateway?.strayed(error)) return;
    process.stderr.write(`${profile.name}: ${error instanceof Error ? error.stack : error}\n`);
    process.exit(FAILED);
  };
  process.on('uncaughtException', onFault).on('unhandledRejection', onFault);
  try {
    gateway = await startGateway(profile, loaded);
    // What it was told while it started, it could not do.
    if (asked) void gateway.reloading.reload('signal');
  } catch (error) {
    // It says where it is wrong, in a line for each finding.
    if (error instanceof ConfigError) throw error;
    process.stderr.write(`${profile.name}: ${reason(error)}\n`);
    return FAILED;
  }
  await told.promise;
  return exitCodeOf(profile.name, gateway.drain());
}

/** Of a gateway that drains. One that cannot says why. */
export async function exitCodeOf(name: string, drained: Promise<unknown>): Promise<number> {
  try {
    await drained;
    return 0;
  } catch (error) {
    process.stderr.write(`${name}: ${reason(error)}\n`);
    return FAILED;
  }
}

/** One line that an operator can act on. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port, path } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (code === 'EADDRINUSE') return `cannot listen on ${address}:${port}: the port is taken`;
  if (code === 'EACCES' && port !== undefined) return `cannot listen on ${address}:${port}: permission denied`;
  if (code === 'EADDRNOTAVAIL') return `cannot listen on ${address}: no such address on this machine`;
  if (code === 'ENOENT' && path !== undefined) return `cannot read ${path}: no such file`;
  return error.message;
}
