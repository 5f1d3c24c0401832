/** Filters that users wrote: their modules, loaded and checked, and loaded anew while the gateway runs. */
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { Ajv, type ValidateFunction } from 'ajv';
import { frozen } from '../frozen.ts';
import type { FilterExchange, Stage } from './filter.ts';
import { Versions } from './versions.ts';

/** A filter as it was when it was loaded: its module may change the object it exports, but nothing here. */
export interface FilterModule {
  readonly exported: unknown;
  readonly name: string;
  readonly stage: Stage;
  readonly order: number;
  run(exchange: FilterExchange, options: Record<string, unknown>): unknown;
  /** The options with the defaults of the schema. @returns what is wrong with them otherwise, each with the place within them */
  options(given: unknown): { readonly options: Record<string, unknown> } | { readonly wrong: readonly WrongOption[] };
}

export interface WrongOption {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What became of loading: modules by their names, or why one could not be. */
export type LoadResult = ReadonlyMap<string, FilterModule | Error>;

export class FilterModules {
  /** Counts the times that modules came to be others. */
  version = 0;
  readonly #directory: string;
  readonly #versions: Versions;
  #modules: ReadonlyMap<string, FilterModule> = new Map();
  #names: readonly string[] = [];

  /**
   * @param directory that names are relative to
   * @param before those of another configuration: a module that has not changed since is not run again
   */
  constructor(directory: string, before?: FilterModules) {
    this.#directory = directory;
    this.#versions = before ? before.#versions : new Versions();
    if (before) this.#modules = before.#modules;
  }

  get(name: string): FilterModule | undefined {
    return this.#modules.get(name);
  }

  /** Every file that the modules in use were made from. */
  get files(): readonly string[] {
    return this.filesOf(this.#names);
  }

  /** Every file that these were made from, or were looked for in vain. */
  filesOf(names: readonly string[]): readonly string[] {
    return [...new Set(names.flatMap((name) => this.#versions.filesOf(resolve(this.#directory, name))))];
  }

  /** Loads these modules, and uses them if they will do; otherwise all stays as it was. */
  async load<T>(names: readonly string[], judge: (results: LoadResult) => readonly T[]): Promise<readonly T[]> {
    const results = new Map(await Promise.all(Array.from(new Set(names), async (name) => [name, await this.#one(name)] as const)));
    const faults = judge(results);
    this.#names = [...results.keys()];
    if (faults.length > 0) return faults;
    const modules = new Map([...results].flatMap(([name, result]) => (result instanceof Error ? [] : [[name, result] as const])));
    if ([...modules].some(([name, module]) => this.#modules.get(name) !== module)) this.version += 1;
    this.#modules = modules;
    return faults;
  }

  /** Whether any module of the others is another one. */
  differs(others: FilterModules): boolean {
    return others.#modules.size !== this.#modules.size || [...others.#modules].some(([name, one]) => this.#modules.get(name) !== one);
  }

  /** Uses the modules of the others from now on. @returns whether any is another one */
  adopt(others: FilterModules): boolean {
    const isOther = this.differs(others);
    this.#modules = others.#modules;
    this.#names = others.#names;
    if (isOther) this.version += 1;
    return isOther;
  }

  /** For all who share their modules. */
  close(): void {
    this.#versions.close();
  }

  async #one(name: string): Promise<FilterModule | Error> {
    try {
      const exported = (await this.#versions.load(resolve(this.#directory, name))) as { default?: unknown };
      const earlier = this.#modules.get(name);
      return earlier && earlier.exported === exported.default ? earlier : moduleOf(exported.default);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}

const stages: readonly unknown[] = ['pre', 'route', 'post', 'error'] satisfies Stage[];

/** @throws TypeError for what is no filter, or has a schema that is none */
function moduleOf(exported: unknown): FilterModule {
  if (typeof exported !== 'object' || exported === null)
    throw new TypeError('its default export is no filter: an object with name, stage and run');
  const { name, stage, order = 0, schema, run } = exported as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') throw new TypeError('name is missing in its default export');
  if (!stages.includes(stage)) throw new TypeError(`stage must be pre, route, post or error, not ${inspect(stage)}`);
  if (typeof run !== 'function') throw new TypeError('run is missing in its default export');
  if (typeof order !== 'number' || !Number.isFinite(order)) throw new TypeError(`order must be a number, not ${inspect(order)}`);
  const validate = schema === undefined ? undefined : validatorOf(schema);
  return {
    exported,
    name,
    stage: stage as Stage,
    order,
    run: (exchange, options) => run.call(exported, exchange, options),
    options: (given) => checked(given, validate),
  };
}

function validatorOf(schema: unknown): ValidateFunction {
  try {
    // What is asynchronous would let everything pass before it is known.
    if ((schema as { $async?: unknown } | null)?.$async !== undefined) throw new TypeError('$async is not for options');
    return new Ajv({ allErrors: true, useDefaults: true, strict: false, logger: false }).compile(schema as object);
  } catch (cause) {
    throw new TypeError(`its schema is no JSON Schema: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function checked(given: unknown, validate: ValidateFunction | undefined): ReturnType<FilterModule['options']> {
  const options = structuredClone(given ?? {}) as Record<string, unknown>;
  if (!validate || validate(options)) return { options: frozen(options) };
  const wrong = (validate.errors ?? []).map(({ instancePath, message = 'is wrong', params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty;
    const path = within(options, instancePath);
    return extra === undefined ? { path, message } : { path: [...path, extra], message: 'unknown key' };
  });
  return { wrong };
}

/** The way that a JSON pointer (RFC 6901) describes, with the places in lists as numbers. */
function within(value: unknown, pointer: string): (string | number)[] {
  let inner = value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
      const key = Array.isArray(inner) ? Number(name) : name;
      inner = (inner as Readonly<Record<string, unknown>>)[name];
      return key;
    });
}
