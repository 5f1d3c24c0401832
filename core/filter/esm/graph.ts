/** A user's module with all that it imports by a relative path, each file once; what else it imports is node's to load and to keep. */
import { registerHooks } from 'node:module';
import { dirname, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileFunction } from 'node:vm';
import type { Converted, Request } from './convert.ts';
import { type Body, evaluate, type Foreign, isModule, link, type Module } from './linked.ts';
import { MARK, rememberPlaces } from './places.ts';
import { addressOf, type Found, find, isScript, readJson, readModule, type States, stateOf } from './source.ts';

type Attributes = Readonly<Record<string, string>>;

/** The types of filters: their import may still be there when they are gone. */
const TYPES = new URL('../filter.ts', import.meta.url).href;

const isRelative = (specifier: string): boolean => /^\.{1,2}\//.test(specifier);

/** @param states gets what is found, as it is found: some modules come only when others run */
export function graphOf(states: States): (file: string) => Promise<object> {
  /** By what was asked for: what it leads to does not change while this graph is in use. */
  const asked = onceEach();
  const known = onceEach();

  async function look(path: string): Promise<Found> {
    try {
      const found = await find(path);
      // One that is in use already stays what it was.
      states.set(path, states.get(path) ?? stateOf(found));
      return found;
    } catch (error) {
      states.set(path, states.get(path));
      throw error;
    }
  }

  /** @param by the address of what imports it */
  async function requested({ specifier, attributes }: Request, by: string): Promise<Module | Foreign> {
    if (!isRelative(specifier)) return { namespace: await import(addressFrom(by, specifier), { with: attributes }) };
    const { href } = new URL(specifier, by);
    return asked(`${href} ${JSON.stringify(attributes)}`, () => relative(new URL(href), attributes, by));
  }

  async function relative(url: URL, attributes: Attributes, by: string): Promise<Module | Foreign> {
    const path = fileURLToPath(url);
    const found = await look(path).catch((error) => {
      throw notFound(error, path, fileURLToPath(by));
    });
    const { href } = Object.assign(pathToFileURL(found.real), { search: url.search, hash: url.hash });
    return known(`${href} ${JSON.stringify(attributes)}`, () => made(href, found, attributes));
  }

  async function made(url: string, found: Found, attributes: Attributes): Promise<Module | Foreign> {
    const kinds = Object.entries(attributes).join();
    if (kinds === 'type,json' && extname(found.real) === '.json')
      return { namespace: Object.freeze(Object.assign(Object.create(null), { default: readJson(url, found) })) };
    if (kinds === '' && isScript(found.real)) return moduleOf(url, found, await readModule(url, found));
    // Node knows what to make of it, or to say of it; it keeps each content of it.
    return { namespace: await import(`${pathToFileURL(found.real)}${MARK}=${stateOf(found).split(' ', 1)}`, { with: attributes }) };
  }

  async function moduleOf(url: string, { content }: Found, converted: Converted): Promise<Module> {
    const address = addressOf(url);
    const { code, parameters, shifts, requests } = converted;
    // First, for what the engine refuses has a place too.
    rememberPlaces(address, shifts);
    const make = compileFunction(code, parameters, { filename: address, lineOffset: -1 });
    let connecting: Promise<void> | undefined;
    const later = async (specifier: unknown, options?: { readonly with?: Attributes }) =>
      ready(await requested({ specifier: `${specifier}`, attributes: options?.with ?? {} }, url));
    const connect = async () => {
      const links: (Module | Foreign)[] = [];
      for (const request of requests) links.push(await requested(request, url));
      module.links = links;
    };
    const module: Module = {
      address,
      converted,
      source: new TextDecoder().decode(content),
      namespace: Object.create(null),
      links: [],
      connect() {
        connecting ??= connect();
        // What was missing may have come when it is asked for again.
        connecting.catch(() => {
          connecting = undefined;
        });
        return connecting;
      },
      begin: (bind) => make(later, metaOf(url), bind, ...module.links.map(({ namespace }) => namespace))() as Body,
      getters: {},
      body: undefined,
      order: undefined,
      low: 0,
      root: undefined,
      running: undefined,
      failure: undefined,
    };
    return module;
  }

  async function ready(first: Module | Foreign): Promise<object> {
    if (isModule(first)) {
      const all = new Set([first]);
      for (const module of all) {
        await module.connect();
        for (const next of module.links) if (isModule(next)) all.add(next);
      }
      await link([...all]);
      await evaluate(first);
    }
    return first.namespace;
  }

  return async (file) => {
    const found = await look(file);
    const url = pathToFileURL(found.real).href;
    return ready(await known(`${url} {}`, () => made(url, found, {})));
  };
}

type One = Promise<Module | Foreign>;

function onceEach(): (key: string, make: () => One) => One {
  const made = new Map<string, One>();
  return (key, make) => {
    let one = made.get(key);
    if (!one) {
      one = make();
      made.set(key, one);
      // What could not be had may be there when it is asked for again.
      one.catch(() => made.delete(key));
    }
    return one;
  };
}

function metaOf(url: string): object {
  const filename = fileURLToPath(url);
  const resolve = (specifier: string) => addressFrom(url, specifier);
  return Object.assign(Object.create(null), { dirname: dirname(filename), filename, main: false, resolve, url });
}

/** What `import.meta.resolve` says in the module at this address: node tells it without a flag of the one alone that asks. */
function addressFrom(url: string, specifier: string): string {
  if (isRelative(specifier)) return new URL(specifier, url).href;
  if (specifier === 'postern/filter') return TYPES;
  const hooks = registerHooks({ resolve: (name, context, next) => next(name, { ...context, parentURL: url }) });
  try {
    return import.meta.resolve(specifier);
  } finally {
    hooks.deregister();
  }
}

/** In the words of node. */
function notFound(error: NodeJS.ErrnoException, path: string, by: string): Error {
  if (error.code === 'EISDIR')
    return Object.assign(new Error(`Directory import '${path}' is not supported resolving ES modules imported from ${by}`), {
      code: 'ERR_UNSUPPORTED_DIR_IMPORT',
    });
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return error;
  return Object.assign(new Error(`Cannot find module '${path}' imported from ${by}`), { code: 'ERR_MODULE_NOT_FOUND' });
}
