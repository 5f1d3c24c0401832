/**
 * Loads modules of users anew when they have changed. Node keeps every module for good under its URL, so a changed one is loaded
 * under another, and with it the modules it imports by a relative path; unchanged, it is the one that is there already.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, realpath } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Milliseconds a module may take to load: one that waits for something at its top level may wait for ever. */
const PATIENCE = 10_000;

/** What was read of each file; undefined where there was none. */
type Digests = Map<string, string | undefined>;

interface Loaded {
  readonly version: string;
  /** Where links led when it was loaded. */
  readonly real: string;
  readonly digests: Digests;
  readonly exported: unknown;
}

let instances = 0;
const nextInstance = (): number => {
  instances += 1;
  return instances;
};

export class Versions {
  /** Two gateways in one process share no module: each may have found another state of a file. */
  readonly #own = nextInstance();
  readonly #loaded = new Map<string, Loaded>();
  /** What the last try to load each module touched, also one that failed. */
  readonly #touched = new Map<string, Digests>();
  /** By version, while it loads and while it is the last one: some imports come only when it runs. */
  readonly #digests = new Map<string, Digests>();
  /** A file that several names lead to is loaded once. */
  readonly #pending = new Map<string, Promise<unknown>>();
  readonly #hooks: { deregister(): void };
  readonly #patience: number;
  #count = 0;

  /** @param patience milliseconds */
  constructor(patience = PATIENCE) {
    this.#patience = patience;
    this.#hooks = registerHooks({
      resolve: (specifier, context, next) => {
        const version = this.#versionOf(context.parentURL);
        // Its types are gone by now, but the import may still be there.
        if (version !== undefined && specifier === 'postern/filter') return next(new URL('filter.ts', import.meta.url).href, context);
        if (version === undefined || !/^\.{1,2}\//.test(specifier)) return next(specifier, context);
        // Noted first: where there is nothing, something may come.
        this.#digests.get(version)?.set(fileURLToPath(new URL(specifier, context.parentURL)), undefined);
        const resolved = next(specifier, context);
        return resolved.url.startsWith('file:') ? { ...resolved, url: versioned(resolved.url, version) } : resolved;
      },
      load: (url, context, next) => {
        const version = this.#versionOf(url);
        const digests = version === undefined ? undefined : this.#digests.get(version);
        // Read before node reads it: what changes in between is found to have changed.
        if (digests) digests.set(fileURLToPath(url), digest(readFileSync(fileURLToPath(url))));
        const loaded = next(url, context);
        // Node keeps those by their names alone, so that a changed one would be what it was.
        if (version !== undefined && loaded.format?.startsWith('commonjs'))
          throw new TypeError(
            `${basename(fileURLToPath(url))} is CommonJS, which cannot be reloaded: write it as a module (export, import)`,
          );
        return loaded;
      },
    });
  }

  /** The files that a module is made from, and those that the last try to load it looked for. */
  filesOf(file: string): readonly string[] {
    const { digests = new Map() } = this.#loaded.get(file) ?? {};
    return [...new Set([file, ...digests.keys(), ...(this.#touched.get(file)?.keys() ?? [])])];
  }

  /**
   * What a module exports: a namespace object.
   *
   * @param file absolute
   * @throws what the module throws, a SyntaxError, or the system's error when a file cannot be read
   */
  load(file: string): Promise<unknown> {
    let loading = this.#pending.get(file);
    if (!loading) {
      loading = this.#load(file).finally(() => this.#pending.delete(file));
      this.#pending.set(file, loading);
    }
    return loading;
  }

  async #load(file: string): Promise<unknown> {
    const earlier = this.#loaded.get(file);
    if (earlier && (await isAsLoaded(file, earlier))) return earlier.exported;
    this.#count += 1;
    const version = `${this.#own}.${this.#count}`;
    const digests: Digests = new Map();
    this.#digests.set(version, digests);
    this.#touched.set(file, digests);
    try {
      const real = await realpath(file);
      digests.set(real, digest(await readFile(real)));
      const exported: unknown = await within(this.#patience, import(versioned(pathToFileURL(real).href, version)));
      if (earlier) this.#digests.delete(earlier.version);
      this.#loaded.set(file, { version, real, digests, exported });
      return exported;
    } catch (error) {
      this.#digests.delete(version);
      throw error;
    }
  }

  close(): void {
    this.#hooks.deregister();
  }

  #versionOf(url = ''): string | undefined {
    const [, own, count] = /\?postern=(\d+)\.(\d+)$/.exec(url) ?? [];
    return Number(own) === this.#own ? `${own}.${count}` : undefined;
  }
}

const versioned = (url: string, version: string): string => `${url}?postern=${version}`;

const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

async function isAsLoaded(file: string, { real, digests }: Loaded): Promise<boolean> {
  if ((await realpath(file).catch(() => undefined)) !== real) return false;
  for (const [path, earlier] of digests) {
    const content = await readFile(path).catch(() => undefined);
    if ((content && digest(content)) !== earlier) return false;
  }
  return true;
}

async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it did not load within ${milliseconds} ms`)), milliseconds);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
