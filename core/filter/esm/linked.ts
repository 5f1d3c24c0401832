/** Modules made of functions: what their imports and exports are to each other, and the order they are run in (ECMA-262, 16.2). */
import { type Converted, DEFAULT, type Export } from './convert.ts';
import { syntaxError } from './places.ts';

/** What has a namespace already: a package, a module of node's, data. */
export interface Foreign {
  readonly namespace: object;
}

export type Body = Generator<void, void> | AsyncGenerator<void, void>;

/** A module of a user's. The namespace is empty until it is linked. */
export interface Module {
  /** What stacks call it. */
  readonly address: string;
  readonly converted: Converted;
  readonly source: string;
  readonly namespace: object;
  /** One for each request. */
  links: readonly (Module | Foreign)[];
  /** Finds what it imports. */
  connect(): Promise<void>;
  /** Makes its bindings, functions with what they are. */
  begin(bind: (getters: Getters) => void): Body;
  getters: Getters;
  body: Body | undefined;
  /** Of its run: the order in which it came, and the first that it can come back to; undefined before. */
  order: number | undefined;
  low: number;
  /** The first of those that import each other in a circle. */
  root: Module | undefined;
  /** While it waits, and of that which it waited for. */
  running: Promise<void> | undefined;
  failure: { readonly error: unknown } | undefined;
}

type Getters = Readonly<Record<string, () => unknown>>;

interface Binding {
  readonly of: Module | Foreign;
  /** Local in a module, exported of what is foreign; undefined: the namespace. */
  readonly name: string | undefined;
}

export const isModule = (one: Module | Foreign): one is Module => 'converted' in one;

/** @param modules all that the first imports, itself among them. @throws SyntaxError for names that are not there */
export async function link(modules: readonly Module[]): Promise<void> {
  const fresh = modules.filter(({ body }) => body === undefined);
  for (const module of fresh) check(module);
  const begun: unknown[] = [];
  for (const module of fresh) {
    module.body = module.begin((getters) => {
      module.getters = getters;
    });
    begun.push(module.body.next());
    if (module.converted.namesDefault) Object.defineProperty(module.getters[DEFAULT]?.(), 'name', { value: 'default', configurable: true });
  }
  for (const module of fresh) fill(module);
  // One that awaits has paused only by then, and what comes runs at once.
  await Promise.all(begun);
}

function check({ converted, links, address, source }: Module): void {
  for (const { from, name, at } of converted.wanted) {
    const of = links[from];
    const binding = of && resolve(of, name);
    if (binding && binding !== 'ambiguous') continue;
    const { specifier } = converted.requests[from] ?? {};
    const problem =
      binding === 'ambiguous' ? `contains conflicting star exports for name '${name}'` : `does not provide an export named '${name}'`;
    throw syntaxError(`The requested module '${specifier}' ${problem}`, address, source, at());
  }
}

/** Where an export comes from in the end. */
function resolve(of: Module | Foreign, name: string, seen = new Map<Module, Set<string>>()): Binding | 'ambiguous' | undefined {
  if (!isModule(of)) return Object.hasOwn(of.namespace, name) ? { of, name } : undefined;
  const names = seen.get(of) ?? new Set();
  if (names.has(name)) return undefined;
  seen.set(of, names.add(name));
  const one = of.converted.exports.get(name);
  if (one) return followed(of, one, seen);
  if (name === 'default') return undefined;
  let found: Binding | undefined;
  for (const from of of.converted.stars) {
    const next = of.links[from];
    const binding = next && resolve(next, name, seen);
    if (binding === 'ambiguous') return binding;
    if (binding && found && (binding.of !== found.of || binding.name !== found.name)) return 'ambiguous';
    found ??= binding;
  }
  return found;
}

function followed(module: Module, one: Export, seen: Map<Module, Set<string>>): Binding | 'ambiguous' | undefined {
  if ('local' in one) return { of: module, name: one.local };
  const of = module.links[one.from];
  return of && (one.name === undefined ? { of, name: undefined } : resolve(of, one.name, seen));
}

function namesOf(of: Module | Foreign, seen = new Set<Module>()): string[] {
  if (!isModule(of)) return Object.keys(of.namespace);
  if (seen.has(of)) return [];
  seen.add(of);
  const behind = of.converted.stars.flatMap((from) => {
    const next = of.links[from];
    return next ? namesOf(next, seen).filter((name) => name !== 'default') : [];
  });
  return [...of.converted.exports.keys(), ...behind];
}

/** A namespace as those of node are, but for what only the engine can make: its properties have getters. */
function fill(module: Module): void {
  for (const name of [...new Set(namesOf(module))].sort((a, b) => (a < b ? -1 : 1))) {
    const binding = resolve(module, name);
    if (binding && binding !== 'ambiguous') Object.defineProperty(module.namespace, name, { enumerable: true, get: getterOf(binding) });
  }
  Object.defineProperty(module.namespace, Symbol.toStringTag, { value: 'Module' });
  Object.preventExtensions(module.namespace);
}

function getterOf({ of, name }: Binding): () => unknown {
  const { namespace } = of;
  if (name === undefined) return () => namespace;
  const getter = isModule(of) ? of.getters[name] : undefined;
  return getter ?? (() => (namespace as Record<string, unknown>)[name]);
}

let orders = 0;

/** Runs a module behind those it imports, each once. @throws what one of them throws, now and whenever it is asked for */
export async function evaluate(module: Module): Promise<void> {
  const under: Module[] = [];
  try {
    visit(module, under);
  } catch (error) {
    for (const one of under) one.failure = { error };
    throw error;
  }
  const { failure, running } = module.root ?? module;
  if (failure) throw failure.error;
  await running;
}

function visit(module: Module, under: Module[]): void {
  if (module.order !== undefined) return;
  orders += 1;
  module.order = module.low = orders;
  under.push(module);
  const waits: Promise<void>[] = [];
  for (const next of module.links) {
    if (!isModule(next)) continue;
    visit(next, under);
    const open = under.includes(next);
    if (open) module.low = Math.min(module.low, next.low);
    const { failure, running } = (open ? undefined : next.root) ?? next;
    if (failure) throw failure.error;
    if (running) waits.push(running);
  }
  if (waits.length > 0) module.running = Promise.all(waits).then(() => run(module));
  else if (module.converted.awaits) module.running = run(module);
  else void module.body?.next();
  // Those who wait for it hear of it.
  module.running?.catch(() => {});
  if (module.low !== module.order) return;
  for (const one of under.splice(under.indexOf(module))) one.root = module;
}

async function run({ body }: Module): Promise<void> {
  await body?.next();
}
