/** An admin port over a file, without a gateway behind it: what it changes is loaded and checked as a gateway does, and serves nobody. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminServer } from '../../../core/admin/admin.ts';
import { createSource } from '../../../core/admin/api/source.ts';
import { Store } from '../../../core/cache/store.ts';
import { checkRoutes } from '../../../core/check/routes.ts';
import { ConfigError, type LoadedConfig, parseConfig } from '../../../core/config/load.ts';
import { readContracts } from '../../../core/contract/contracts.ts';
import { RecentRequests } from '../../../core/middleware/recent-requests.ts';
import type { Reloading } from '../../../core/reload/reloading.ts';
import { history } from '../../../core/revisions/history.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import type { ServiceView } from '../../../core/upstream/service-view.ts';
import { type Admin, adminAt } from '../../support/admin.ts';

export const TOKEN = 'a-token-of-the-tests';

export interface Port {
  readonly admin: Admin;
  readonly url: string;
  readonly file: string;
  readonly folder: string;
  readonly reloading: Reloading;
  readonly logged: readonly object[];
  readonly server: Server;
  /** What the file has now. */
  text(): string;
  close(): void;
}

export interface PortOptions {
  readonly text?: string;
  /** That of another port, to share its file. */
  readonly folder?: string;
  readonly name?: 'public-gateway' | 'private-gateway';
  readonly host?: string;
  readonly token?: string | undefined;
  readonly services?: readonly ServiceView[];
}

export async function aPort({
  text = '',
  folder: shared,
  name = 'public-gateway',
  host = '127.0.0.1',
  services = [],
  ...more
}: PortOptions = {}): Promise<Port> {
  const folder = shared ?? mkdtempSync(join(tmpdir(), 'postern-'));
  const file = join(folder, 'postern.yaml');
  if (shared === undefined) writeFileSync(file, text);
  const reloading = standIn(file, name === 'public-gateway' ? 'public' : 'private');
  const kept = history(join(folder, '.postern/revisions'));
  const logged: object[] = [];
  const server = createAdminServer({
    health: { started: true, draining: false, settled: false },
    scrape: async () => [],
    stats: () => {
      throw new Error('Nobody asks for them here');
    },
    explain: () => Promise.reject(new Error('Nobody asks for it here')),
    revision: () => '',
    recent: new RecentRequests(),
    logger: { error: (record: object) => logged.push(record) } as unknown as Logger,
    clock: { now: () => 0, epoch: () => 0 },
    store: new Store({ memory: 1024 }),
    discoveries: () => new Map(),
    openapi: () => '{}',
    services: () => services,
    guard: { host, token: () => ('token' in more ? more.token : TOKEN), delay: async () => {} },
    api: { reloading, history: kept, source: createSource({ reloading, history: kept, gateway: name, now: () => Date.now() }) },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ url, file, folder, reloading, logged, server },
    admin: adminAt(url, TOKEN),
    text: () => readFileSync(file, 'utf8'),
    close() {
      server.closeAllConnections();
      server.close();
      if (shared === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function standIn(file: string, section: 'public' | 'private'): Reloading {
  const load = (text: string): LoadedConfig => {
    const loaded = parseConfig(text, { file, environment: {}, section, accompany: readContracts });
    const findings = [...loaded.findings, ...checkRoutes(loaded)];
    if (findings.some(({ severity }) => severity === 'error')) throw new ConfigError(findings);
    return { ...loaded, findings };
  };
  let loaded = load(readFileSync(file, 'utf8'));
  const take = (next: LoadedConfig) => {
    const changed = next.revision !== loaded.revision;
    loaded = next;
    return { ok: true as const, revision: next.revision, changed, needsRestart: [] };
  };
  return {
    get loaded() {
      return loaded;
    },
    status: { at: 0, ok: true, cause: 'file', revision: loaded.revision, findings: [], needsRestart: [], changes: [] },
    async reload() {
      try {
        return take(load(readFileSync(file, 'utf8')));
      } catch (error) {
        if (error instanceof ConfigError) return { ok: false, findings: error.findings };
        throw error;
      }
    },
    async prepare(text) {
      const next = load(text);
      return { loaded: next, commit: () => take(next), abandon: async () => {} };
    },
  };
}
