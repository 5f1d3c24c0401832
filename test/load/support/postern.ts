/** Starts the public gateway on a configuration, and says where it listens. */
import { readFileSync } from 'node:fs';
import { measuredCore } from './machine.ts';
import { nodeCommandIn, root } from './node.ts';
import type { RunningProxy, StartProxy } from './peers.ts';
import type { Workspace } from './workspace.ts';

export interface Gateway extends RunningProxy {
  /** Where its admin port is. */
  admin: string;
  /** Standard output: one JSON object a line. */
  log: string;
  stop(): Promise<void>;
}

/**
 * JSON is YAML, so a benchmark states its configuration as an object.
 *
 * @param checkout the one that is run: another state of this repository, for a comparison with it
 */
export async function startGateway(
  space: Workspace,
  name: string,
  configuration: object,
  flags: string[] = [],
  checkout = root,
): Promise<Gateway> {
  const file = space.write(`${name}.yaml`, JSON.stringify(configuration, null, 2));
  const running = await space.start({
    name,
    core: measuredCore,
    cwd: checkout,
    command: nodeCommandIn(checkout, flags, 'public-gateway/main.ts', 'start', '-c', file),
    ready: (printed) => announced(printed)?.url,
  });
  const admin = announced(readFileSync(running.output, 'utf8'))?.admin ?? '';
  return { url: running.announced, admin, pid: running.pid, log: running.output, stop: running.stop };
}

const anywhere = { host: '127.0.0.1', port: 0 };

/** What a benchmark's gateway listens on; it ends as soon as it is told to, for no one looks away first. */
export const listening = { listen: anywhere, admin: anywhere, drain: { grace: '0s', deadline: '2s' } };

/** One anonymous route to one service and nothing else: no limit, no log, no telemetry sent. */
export function bareConfiguration(origin: string): object {
  return {
    services: { origin: { endpoints: [origin] } },
    routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'origin', expose: { public: { access: 'anonymous' } } }],
    public: listening,
    telemetry: { accessLog: false },
  };
}

export const startPostern: StartProxy = (space, origin) => startGateway(space, 'postern', bareConfiguration(origin));

interface Announcement {
  url: string;
  admin: string;
}

function announced(printed: string): Announcement | undefined {
  for (const line of printed.split('\n')) {
    if (!line.startsWith('{') || !line.includes('"listening"')) continue;
    const { event, url, admin }: Partial<Announcement> & { event?: string } = JSON.parse(line);
    if (event === 'listening' && url !== undefined && admin !== undefined) return { url, admin };
  }
  return undefined;
}
