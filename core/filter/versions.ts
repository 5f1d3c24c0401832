/**
 * Loads modules of users anew when they have changed, and with a module those it imports by a relative path; unchanged, it is the one
 * that is there already. What was replaced can be collected once nobody has anything of it.
 */
import { graphOf } from './esm/graph.ts';
import { placed } from './esm/places.ts';
import { isAsIn, type States } from './esm/source.ts';

/** Milliseconds a module may take to load: one that waits for something at its top level may wait for ever. */
const PATIENCE = 10_000;

interface Loaded {
  readonly states: States;
  readonly exported: unknown;
}

export class Versions {
  readonly #loaded = new Map<string, Loaded>();
  /** What the last try to load each module touched, also one that failed. */
  readonly #touched = new Map<string, States>();
  /** A file that several names lead to is loaded once. */
  readonly #pending = new Map<string, Promise<unknown>>();
  readonly #patience: number;

  /** @param patience milliseconds */
  constructor(patience = PATIENCE) {
    this.#patience = patience;
  }

  /** The files that a module is made from, and those that the last try to load it looked for. */
  filesOf(file: string): readonly string[] {
    return [...new Set([file, ...(this.#loaded.get(file)?.states.keys() ?? []), ...(this.#touched.get(file)?.keys() ?? [])])];
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
    if (earlier && (await isAsIn(earlier.states))) return earlier.exported;
    const states: States = new Map();
    this.#touched.set(file, states);
    try {
      const exported: unknown = await within(this.#patience, graphOf(states)(file));
      this.#loaded.set(file, { states, exported });
      return exported;
    } catch (error) {
      throw placed(error);
    }
  }

  /** Lets go of all modules. */
  close(): void {
    this.#loaded.clear();
    this.#touched.clear();
  }
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
