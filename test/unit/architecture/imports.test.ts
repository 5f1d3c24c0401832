/** The dependencies point one way (the tree's own map): this keeps it true. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';

const root = resolve(import.meta.dirname, '../../..');

/** Core's folders and files from the top down: each may import those behind it in the list, and itself. */
const order = [
  'cli',
  'serve.ts',
  'gateway.ts',
  'running-gateway.ts',
  'admin',
  'reload',
  'eureka',
  'page',
  'server',
  'snapshot.ts',
  'profile.ts',
  'explain',
  'filter',
  'middleware',
  'context.ts',
  'holds.ts',
  'aggregate',
  'cache',
  'upstream',
  'balancer',
  'endpoint',
  'http1',
  'registry',
  'identity.ts',
  'state',
  'telemetry',
  'address',
  'check',
  'revisions',
  'contract',
  'routing',
  'config',
  'problem.ts',
  'clock.ts',
  'version.ts',
  'frozen.ts',
  'chain.ts',
  'own-copy.ts',
];

const graph = new Map(
  ['core', 'public-gateway', 'private-gateway'].flatMap((folder) => filesIn(folder)).map((file) => [file, importsOf(file)]),
);

describe('the import graph', () => {
  it('core imports no gateway, and the gateways not each other', () => {
    expect(edges((from, to) => top(from) === 'core' && top(to) !== 'core')).to.deep.equal([]);
    expect(edges((from, to) => top(from) !== 'core' && top(to) !== 'core' && top(from) !== top(to))).to.deep.equal([]);
  });

  it('has the imports that are made later', () => {
    expect(graph.get('core/cli/start.ts')).to.include('core/serve.ts');
  });

  it('has no cycles, types included', () => {
    expect(cycle()).to.deep.equal([]);
  });

  it('runs down only inside core', () => {
    expect(edges((from, to) => top(from) === 'core' && top(to) === 'core' && level(to) < level(from))).to.deep.equal([]);
  });

  it('nothing below middleware/ imports Koa', () => {
    const below = [...graph].filter(([file]) => top(file) === 'core' && level(file) > order.indexOf('context.ts'));
    expect(below.length).to.be.greaterThan(20);
    expect(
      below.filter(([, imports]) => imports.some((name) => name === 'koa' || name === '@koa/router')).map(([file]) => file),
    ).to.deep.equal([]);
  });

  it('only config/ reads the environment', () => {
    const readers = [...graph.keys()].filter((file) => readFileSync(join(root, file), 'utf8').includes('process.env'));
    expect(readers.filter((file) => !file.startsWith('core/config/'))).to.deep.equal([]);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}

/** Files of ours as paths from the root, packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  // Statements, and `import()` wherever it stands: what comes in later is a dependency too.
  const names = [...text.matchAll(/^(?:import|export)\s(?:[^;]*?from\s+)?'([^']+)'|\bimport\(\s*'([^']+)'/gm)].map(
    ([, named, later]) => (named ?? later) as string,
  );
  return names.map((name) => (name.startsWith('.') ? relative(root, resolve(root, dirname(file), name)) : name));
}

function edges(wrong: (from: string, to: string) => boolean): string[] {
  return [...graph].flatMap(([from, imports]) => imports.filter((to) => graph.has(to) && wrong(from, to)).map((to) => `${from} -> ${to}`));
}

function top(file: string): string {
  return file.split('/')[0] as string;
}

function level(file: string): number {
  const at = order.indexOf(file.split('/')[1] as string);
  expect(at, `${file} has no place in the order`).to.be.at.least(0);
  return at;
}

/** The files of one cycle, or an empty list. */
function cycle(): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    const at = path.indexOf(file);
    if (at !== -1) return [...path.slice(at), file];
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const found = graph.has(next) ? visit(next, [...path, file]) : [];
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}
