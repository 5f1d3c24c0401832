/** The schemas of a contract, compiled, in one direction. Whatever a value is, it is judged in bounded time and space. */

import { basename } from 'node:path';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { pointer } from '../config/positions.ts';
import { details } from './details.ts';
import type { Documents, Located } from './document.ts';
import { formats } from './formats.ts';
import { canonical, type JsonObject } from './json.ts';
import { reasonAgainstNesting } from './nesting.ts';
import { linear } from './pattern.ts';
import { convert, type Direction, type Schema } from './schema.ts';

/** One thing that is wrong with a value. */
export interface Violation {
  readonly path: readonly string[];
  /** In plain words, and nothing of the value. */
  readonly detail: string;
  /** The place in the document that says so. */
  readonly rule: string | undefined;
}

/** A value whose judgement would take too long. */
export class TooComplex extends Error {}

/** Visits of schemas in all, where several may be tried at each depth: some for every value, and one for every two bytes. */
const VISITS = 50_000;
const VISITS_A_BYTE = 0.5;
/** Steps of patterns at the cost of a visit; a pattern takes at most as many at each character as its program is long. */
const STEPS_A_VISIT = 128;
/** Characters of the canonical text of values, by which they are compared, at the cost of a visit. */
const COMPARED_A_VISIT = 16;
/** Schemas that may be tried to find out everything: at each, all that was found before may be copied. */
const TRIED_FOR_ALL = 1_000;
/** Of a larger value, only the first thing that is wrong is told: each costs some memory. */
const TOLD_WHOLE = 16 * 1024;

export class Validators {
  readonly #documents: Documents;
  readonly #old: boolean;
  readonly #direction: Direction;
  readonly #schemas = new Map<string, { readonly name: string; readonly from: Located; schema: Schema }>();
  readonly #byName = new Map<string, { readonly from: Located; readonly schema: Schema }>();
  readonly #waiting: { readonly name: string; readonly from: Located; schema: Schema }[] = [];
  readonly #quick: Ajv;
  #thorough: Ajv | undefined;
  /** Left to the judgement under way. */
  #visits = 0;
  #tries = 0;
  readonly #origins = new WeakMap<object, Located>();

  constructor(documents: Documents, old: boolean, direction: Direction) {
    this.#documents = documents;
    this.#old = old;
    this.#direction = direction;
    this.#quick = this.#engine(false);
  }

  /** Names a schema of the document, which is read with all that it refers to. */
  define(from: Located): string {
    const key = `${from.file}#${from.path.join('\u0000')}`;
    const known = this.#schemas.get(key);
    if (known) return known.name;
    const entry = { name: `contract:s${this.#schemas.size}`, from, schema: true as Schema };
    this.#schemas.set(key, entry);
    this.#byName.set(entry.name, entry);
    this.#waiting.push(entry);
    return entry.name;
  }

  /** Reads and compiles all that was named; what is wrong is a finding of the documents. */
  compile(): void {
    const fresh: { readonly name: string; readonly from: Located; schema: Schema }[] = [];
    const { length: before } = this.#documents.findings;
    for (let entry = this.#waiting.shift(); entry; entry = this.#waiting.shift()) {
      entry.schema = convert(entry.from, {
        documents: this.#documents,
        old: this.#old,
        direction: this.#direction,
        refer: (target) => this.define(target),
        note: (schema, from) => {
          this.#origins.set(schema, from);
          Object.assign(schema, { tried: true });
        },
      });
      fresh.push(entry);
    }
    for (const { from, schema } of fresh) {
      const reason = reasonAgainstNesting(schema, (name) => this.#byName.get(name)?.schema);
      if (reason !== undefined) this.#documents.report(from, reason);
    }
    for (const entry of fresh) this.#quick.addSchema(this.#withId(entry));
    if (this.#documents.findings.length > before) return;
    for (const { name, from } of fresh) {
      try {
        this.#quick.getSchema(name);
      } catch (problem) {
        this.#documents.report(from, `does not compile: ${problem instanceof Error ? problem.message : String(problem)}`);
      }
    }
  }

  /** Whether a value fits. @param bytes how large it was as text @throws TooComplex */
  accepts(name: string, value: unknown, bytes = 0): boolean {
    return this.#run(this.#quick, name, value, bytes).valid;
  }

  /** What is wrong with a value that does not fit; of a large one, the first thing. @throws TooComplex */
  violations(name: string, value: unknown, bytes = 0): readonly Violation[] {
    const errors = (bytes > TOLD_WHOLE ? undefined : this.#all(name, value, bytes)) ?? this.#run(this.#quick, name, value, bytes).errors;
    return errors.filter(({ keyword }) => keyword !== 'if').map((error) => this.#violation(error));
  }

  /** Everything that is wrong; undefined where that is too much to find out. */
  #all(name: string, value: unknown, bytes: number): readonly ErrorObject[] | undefined {
    if (!this.#thorough) {
      this.#thorough = this.#engine(true);
      for (const entry of this.#schemas.values()) this.#thorough.addSchema(this.#withId(entry));
    }
    try {
      return this.#run(this.#thorough, name, value, bytes).errors;
    } catch (problem) {
      if (problem instanceof TooComplex) return undefined;
      throw problem;
    }
  }

  /** What may be known of the values of a schema before there is one. */
  shape(name: string): Schema {
    return this.#byName.get(name)?.schema ?? true;
  }

  #run(engine: Ajv, name: string, value: unknown, bytes: number): { valid: boolean; errors: readonly ErrorObject[] } {
    const validate = engine.getSchema(name) as ValidateFunction;
    this.#visits = VISITS + bytes * VISITS_A_BYTE;
    this.#tries = TRIED_FOR_ALL;
    try {
      const valid = validate(value);
      return { valid, errors: validate.errors ?? [] };
    } catch (problem) {
      // A value that is nested deeper than the stack.
      if (problem instanceof RangeError) throw new TooComplex();
      throw problem;
    }
  }

  #spend(visits: number): void {
    this.#visits -= visits;
    if (this.#visits < 0) throw new TooComplex();
  }

  #engine(allErrors: boolean): Ajv {
    const matching = (source: string) => {
      const pattern = linear(source);
      const test = (text: string) => {
        this.#spend(Math.max(1, (text.length * pattern.size) / STEPS_A_VISIT));
        return pattern.test(text);
      };
      return { test, toString: () => pattern.toString() };
    };
    const comparable = (value: unknown) => {
      const text = canonical(value);
      this.#spend(text.length / COMPARED_A_VISIT);
      return text;
    };
    const ajv = new Ajv2020({
      allErrors,
      // For the place of what is broken in the document; values are not copied.
      verbose: true,
      strict: false,
      validateSchema: false,
      addUsedSchema: false,
      // One function for each schema that is referred to, however often.
      inlineRefs: false,
      logger: false,
      ownProperties: true,
      multipleOfPrecision: 9,
      formats,
      // Optimizing takes longer than it gains.
      code: { regExp: Object.assign(matching, { code: 'linear' }) as never, optimize: false },
    });
    ajv.removeKeyword('enum').removeKeyword('uniqueItems');
    ajv.addKeyword({
      keyword: 'enum',
      schemaType: 'array',
      compile(values: readonly unknown[]) {
        const known = new Set(values.map(canonical));
        const isDeep = values.some((value) => typeof value === 'object' && value !== null);
        return (value: unknown) => (isDeep || typeof value !== 'object' || value === null) && known.has(comparable(value));
      },
    });
    ajv.addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      compile: (asked: boolean) => (items: readonly unknown[]) => !asked || new Set(items.map(comparable)).size === items.length,
    });
    ajv.addKeyword({
      keyword: 'visit',
      schemaType: 'boolean',
      before: '$ref',
      compile: () => () => {
        this.#spend(1);
        return true;
      },
    });
    // To the quick engine it is no keyword, and costs nothing.
    if (allErrors)
      ajv.addKeyword({
        keyword: 'tried',
        schemaType: 'boolean',
        before: '$ref',
        compile: () => () => {
          this.#tries -= 1;
          if (this.#tries < 0) throw new TooComplex();
          return true;
        },
      });
    return ajv;
  }

  #violation({ keyword, instancePath, params, message = '', parentSchema }: ErrorObject): Violation {
    const path = instancePath
      .split('/')
      .slice(1)
      .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
    const member = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'] ?? params['propertyName'];
    return {
      path: typeof member === 'string' ? [...path, member] : path,
      detail: details[keyword] ?? message,
      rule: this.#rule(keyword, parentSchema),
    };
  }

  /** `#/components/schemas/Order/properties/qty/minimum`; of a file beside the document, with its name. */
  #rule(keyword: string, schema: unknown): string | undefined {
    const from = typeof schema === 'object' && schema !== null ? this.#origins.get(schema) : undefined;
    if (!from) return undefined;
    const file = from.file === this.#documents.main ? '' : basename(from.file);
    return `${file}#${pointer([...from.path, keyword])}`;
  }

  #withId({ name, from, schema }: { readonly name: string; readonly from: Located; readonly schema: Schema }): JsonObject {
    const identified = { $id: name, visit: true, ...(typeof schema === 'boolean' ? (schema ? {} : { not: {} }) : schema) };
    this.#origins.set(identified, from);
    return identified;
  }
}
