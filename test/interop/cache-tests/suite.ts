/**
 * The suite of http-tests/cache-tests, which cache-tests.sh brings: its origin server runs behind a cached route of a real gateway, its
 * client asks the gateway. What is its own business (browsers) it leaves out.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, freePort } from '../support/bench.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { accepting } from '../support/program.ts';

const home = join(import.meta.dirname, '../.cache/cache-tests');
const engine = join(home, 'test-engine');

/** Whether it is there. */
export const isThere = (): boolean => existsSync(join(engine, 'client/runner.mjs'));

export type Kind = 'required' | 'optimal' | 'check';

export interface Case {
  readonly id: string;
  readonly group: string;
  readonly kind: Kind;
  readonly passed: boolean;
  /** The suite's own sign for what became of it, and its reason. */
  readonly result: string;
}

interface Test {
  readonly id: string;
  readonly kind?: Kind;
  readonly browser_only?: boolean;
  dump?: boolean;
}

interface Group {
  readonly name: string;
  readonly id: string;
  readonly tests: readonly Test[];
}

/** The gateway with a cached route to an origin. */
export async function startCachedGateway(bench: Bench, which: 'public-gateway' | 'private-gateway', origin: number): Promise<Gateway> {
  const file = await bench.file(
    'postern.yaml',
    `
services:
  origin:
    endpoints: ['http://127.0.0.1:${origin}']
    timeouts: { attempt: 20s, request: 30s }
    retry: { attempts: 0 }
    circuitBreaker: { requestVolume: 100000 }
    outlier: { consecutiveErrors: 100000 }
routes:
  - name: cached
    match: { pathPrefix: /test }
    service: origin
    expose: { public: { access: anonymous }, private: { callers: [suite] } }
    cache: { staleIfError: 1m }
  - name: steering
    match: { pathPrefix: / }
    service: origin
    expose: { public: { access: anonymous }, private: { callers: [suite] } }
public: { listen: { host: 127.0.0.1, port: 0 }, admin: { host: 127.0.0.1, port: 0 } }
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { suite: { from: [127.0.0.1] } }
  admin: { host: 127.0.0.1, port: 0 }
telemetry: { accessLog: false }
`,
  );
  return startGateway(bench, which, file);
}

export async function startOrigin(bench: Bench): Promise<number> {
  const port = await freePort();
  const env = { npm_config_protocol: 'http', npm_config_port: String(port), npm_config_pidfile: join(await bench.directory(), 'pid') };
  const program = bench.start(process.execPath, [join(engine, 'server/server.mjs')], { cwd: home, env });
  await accepting(program, port);
  return port;
}

/** Runs all cases, or one with all that is said on the way. */
export async function runSuite(url: string, only?: string): Promise<Case[]> {
  const { runTests, getResults } = await import(join(engine, 'client/runner.mjs'));
  const { determineTestResult, resultTypes } = await import(join(engine, 'lib/results.mjs'));
  const { default: groups } = (await import(join(home, 'tests/index.mjs'))) as { default: Group[] };
  const chosen = groups.map((group) => ({ ...group, tests: group.tests.filter(({ id }) => only === undefined || id === only) }));
  if (only !== undefined) for (const { tests } of chosen) for (const test of tests) test.dump = true;
  await runTests(chosen, false, url);
  const results = getResults();
  return chosen.flatMap(({ id: group, tests }) =>
    tests
      .filter(({ browser_only }) => !browser_only)
      .map(({ id, kind = 'required' }) => {
        const type = determineTestResult(groups, id, results, only === undefined);
        const passed = type === resultTypes.pass || type === resultTypes.yes;
        const reason = Array.isArray(results[id]) ? results[id].join(': ') : '';
        return { id, group, kind, passed, result: `${type[2]} ${reason}`.trim() };
      }),
  );
}

const kinds: readonly Kind[] = ['required', 'optimal', 'check'];

/** Passed of all, by group and kind. */
export function tableOf(cases: readonly Case[]): string {
  const count = (some: readonly Case[], kind: Kind) => {
    const ofKind = some.filter((one) => one.kind === kind);
    return ofKind.length === 0 ? '' : `${ofKind.filter(({ passed }) => passed).length}/${ofKind.length}`;
  };
  const row = (name: string, some: readonly Case[]) => [name.padEnd(20), ...kinds.map((kind) => count(some, kind).padStart(9))].join('');
  const groups = [...new Set(cases.map(({ group }) => group))];
  const head = ['group'.padEnd(20), ...kinds.map((kind) => kind.padStart(9))].join('');
  return [
    head,
    ...groups.map((group) =>
      row(
        group,
        cases.filter((one) => one.group === group),
      ),
    ),
    row('all', cases),
  ].join('\n');
}
