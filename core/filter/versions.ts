/**
 * Loads modules of users anew when they have changed. Node keeps every module for good under its URL, so a changed one is loaded
 * under another, and with it the modules it imports by a relative path; unchanged, it is the one that is there already.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Milliseconds a module may take to load: one that waits for something at its top level may wait for ever. */
const PATIENCE = 10_000;

interface Loaded {
  readonly version: string;
  readonly digest: string;
  readonly exported: unknown;
}

export class Versions {
  readonly #loaded = new Map<string, Loaded>();
  /** The files that each version was made from. */
  readonly #files = new Map<string, Set<string>>();
  readonly #hooks: { deregister(): void };
  #count = 0;

  constructor() {
    this.#hooks = registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        const [, version] = /\?postern=(\d+)$/.exec(context.parentURL ?? '') ?? [];
        const files = version === undefined ? undefined : this.#files.get(version);
        if (!files || !/^\.{1,2}\//.test(specifier) || !resolved.url.startsWith('file:')) return resolved;
        files.add(fileURLToPath(resolved.url));
        return { ...resolved, url: versioned(resolved.url, String(version)) };
      },
    });
  }

  /** The files that a module was made from when it was loaded last. */
  filesOf(file: string): readonly string[] {
    const { version = '' } = this.#loaded.get(file) ?? {};
    return [...(this.#files.get(version) ?? [file])];
  }

  /**
   * What a module exports: a namespace object.
   *
   * @param file absolute
   * @throws what the module throws, a SyntaxError, or the system's error when a file cannot be read
   */
  async load(file: string): Promise<unknown> {
    const earlier = this.#loaded.get(file);
    if (earlier && (await digestOf(this.filesOf(file))) === earlier.digest) return earlier.exported;
    this.#count += 1;
    const version = `${this.#count}`;
    const files = new Set([file]);
    this.#files.set(version, files);
    try {
      const exported: unknown = await within(PATIENCE, import(versioned(pathToFileURL(file).href, version)));
      this.#loaded.set(file, { version, digest: await digestOf([...files]), exported });
    } catch (error) {
      this.#files.delete(version);
      throw error;
    }
    if (earlier) this.#files.delete(earlier.version);
    return this.#loaded.get(file)?.exported;
  }

  close(): void {
    this.#hooks.deregister();
  }
}

const versioned = (url: string, version: string): string => `${url}?postern=${version}`;

async function digestOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
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
