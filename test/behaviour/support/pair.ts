/** Both gateways over one file and one folder of theirs, as on one machine. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadChecked } from '../../../core/check/routes.ts';
import { startGateway } from '../../../core/gateway.ts';
import type { Profile } from '../../../core/profile.ts';
import type { RunningGateway } from '../../../core/running-gateway.ts';
import { privateGateway } from '../../../private-gateway/profile.ts';
import { publicGateway } from '../../../public-gateway/profile.ts';
import { type Admin, adminAt } from '../../support/admin.ts';
import type { Servers } from './servers.ts';

export interface Operated extends RunningGateway {
  readonly port: number;
  /** Its admin port, asked with the token of both. */
  readonly ask: Admin;
}

export interface Pair {
  readonly file: string;
  readonly folder: string;
  readonly token: string;
  readonly outside: Operated;
  readonly inside: Operated;
  /** What the file has now. */
  text(): string;
  stop(): Promise<void>;
}

/** Callers on this machine are `tests`; ports and hosts are filled in. @param text services and routes, as YAML */
export async function pairOf(servers: Servers, text: string, folder = mkdtempSync(join(tmpdir(), 'postern-'))): Promise<Pair> {
  const file = join(folder, 'postern.yaml');
  const place = '{ host: 127.0.0.1, port: 0 }';
  const section = `listen: ${place}, admin: ${place}, drain: { grace: 0ms, deadline: 2s }`;
  const callers = 'callers: { tests: { from: [127.0.0.0/8] } }';
  if (text !== '') writeFileSync(file, `${text}public: { ${section} }\nprivate: { ${section}, ${callers} }\n`);
  const log = openSync(join(folder, 'log'), 'a');
  const started = await Promise.all([publicGateway, privateGateway].map((profile) => start(profile, file, log)));
  const [outside, inside] = started as [RunningGateway, RunningGateway];
  const token = readFileSync(join(folder, '.postern/admin-token'), 'utf8').trim();
  let stopping: Promise<unknown> | undefined;
  const stop = async () => {
    stopping ??= Promise.all([outside.stop(), inside.stop()]).then(() => closeSync(log));
    await stopping;
  };
  servers.defer(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const operated = (gateway: RunningGateway): Operated => ({
    ...gateway,
    port: Number(new URL(gateway.url).port),
    ask: adminAt(gateway.admin, token),
  });
  return { ...{ file, folder, token, stop }, outside: operated(outside), inside: operated(inside), text: () => readFileSync(file, 'utf8') };
}

const start = (profile: Profile, file: string, logTo: number): Promise<RunningGateway> =>
  startGateway(profile, loadChecked(file, { environment: {}, section: profile.section }), {
    ...{ environment: {}, logTo },
    pressure: { level: () => 0, stop() {} },
  });
