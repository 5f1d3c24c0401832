/**
 * From the schemas of a document to JSON Schema 2020-12, in one direction: what only answers have (`readOnly`) may not be sent, what
 * only requests have (`writeOnly`) may not be answered. Every schema that is referred to becomes one of its own, by name.
 */
import type { Documents, Located } from './document.ts';
import { isObject, type JsonObject } from './json.ts';
import { assertions, isKnown, listed, named, single, unsupported } from './keywords.ts';
import { reasonAgainst } from './pattern.ts';

export type Schema = JsonObject | boolean;
export type Direction = 'request' | 'response';

export interface SchemaOptions {
  readonly documents: Documents;
  /** OpenAPI 3.0, whose schemas are a dialect of their own. */
  readonly old: boolean;
  /** Undefined for a description: then nothing is refused, and what only people read is kept. */
  readonly direction: Direction | undefined;
  /** Told where each schema comes from. */
  note?(schema: object, from: Located): void;
  /** What a reference to a schema is written as. */
  refer(target: Located): string;
}

/** Nesting within one schema. */
const DEEPEST = 100;

/** What people read in a schema, and validation does not; nothing that leads elsewhere or may be extended. */
const ANNOTATIONS = ['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'] as const;

/** Of a schema with all its parts: the properties that may not come in this direction. */
interface Hidden {
  names(): ReadonlySet<string>;
  /** Schemas that were taken in where they are referred to; once is enough, as all of them hold. */
  readonly taken: Set<unknown>;
}

/** @param around of the schema whose `allOf` this is a part of */
export function convert(from: Located, options: SchemaOptions, depth = 0, around?: Hidden): Schema {
  const { documents, old } = options;
  const { value } = from;
  if (typeof value === 'boolean' && !old) return value;
  if (!isObject(value)) {
    documents.report(from, 'must be a schema');
    return true;
  }
  if (depth > DEEPEST) {
    documents.report(from, 'is nested too deeply');
    return true;
  }
  const reference = value['$ref'];
  const target = typeof reference === 'string' ? documents.target(reference, from) : undefined;
  const hidden = around ?? hiddenIn(from, options);
  const isAlone = around === undefined && Object.keys(value).length === 1;
  const here = target && !isAlone && asksFor(target, hidden, options) ? takenIn(target, options, depth, hidden) : undefined;
  const referred = target && here === undefined && { $ref: options.refer(target) };
  // In 3.0, what stands beside a reference is ignored.
  if (typeof reference === 'string' && old) return here ?? referred ?? true;
  const own: Record<string, unknown> = { ...keywords(value, from, options, depth, hidden), ...referred };
  if (here !== undefined) own['allOf'] = [...((own['allOf'] as unknown[] | undefined) ?? []), here];
  const schema = discriminated(value, from, own, options);
  options.note?.(schema, from);
  return nullable(value, schema, old);
}

function takenIn(target: Located, options: SchemaOptions, depth: number, hidden: Hidden): Schema {
  if (hidden.taken.has(target.value)) return true;
  hidden.taken.add(target.value);
  return convert(target, options, depth + 1, hidden);
}

function keywords(value: JsonObject, from: Located, options: SchemaOptions, depth: number, hidden: Hidden): Record<string, unknown> {
  const { documents, old, direction } = options;
  const converted: Record<string, unknown> = {};
  for (const [keyword, given] of Object.entries(value)) {
    const place: Located = { value: given, file: from.file, path: [...from.path, keyword] };
    if (unsupported.has(keyword) && !old) documents.report(place, 'is not supported');
    if (!isKnown(keyword, old)) continue;
    const inner = (found: Located) => convert(found, options, depth + 1, keyword === 'allOf' ? hidden : undefined);
    if (old && (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum')) continue;
    if (single.has(keyword)) {
      converted[keyword] = typeof given === 'boolean' ? given : inner(place);
    } else if (listed.has(keyword)) {
      if (Array.isArray(given) && given.length > 0) converted[keyword] = documents.members(place).map(([, item]) => inner(item));
      else documents.report(place, 'must be a list of schemas');
    } else if (named.has(keyword)) {
      if (isObject(given)) converted[keyword] = byName(keyword, place, options, depth);
      else documents.report(place, 'must be schemas by name');
    } else {
      const wrong = assertions[keyword]?.(given) ?? (keyword === 'pattern' ? reasonAgainst(String(given)) : undefined);
      if (wrong === undefined) converted[keyword] = given;
      else documents.report(place, wrong);
    }
  }
  if (old) exclusive(value, converted);
  if (direction === undefined) annotate(value, converted);
  else converted['required'] = demanded(converted['required'], hidden);
  if (converted['required'] === undefined) delete converted['required'];
  return converted;
}

/** No name is special: `__proto__` is a property like any other. */
function byName(keyword: string, place: Located, options: SchemaOptions, depth: number): JsonObject {
  const { documents, direction } = options;
  return Object.fromEntries(
    documents.members(place).map(([name, member]) => {
      const wrong = keyword === 'patternProperties' ? reasonAgainst(name) : undefined;
      if (wrong !== undefined) documents.report(member, wrong);
      const hidden = keyword === 'properties' && direction !== undefined && isHidden(member, options);
      return [wrong === undefined ? name : '^', hidden ? false : convert(member, options, depth + 1)];
    }),
  );
}

/** Whether a property may not come in this direction. */
function isHidden(member: Located, options: SchemaOptions): boolean {
  const keyword = options.direction === 'request' ? 'readOnly' : 'writeOnly';
  // References that lead in a circle are told.
  if (!options.documents.resolved(member)) return false;
  for (const { value } of together(member, options)) if (value[keyword] === true) return true;
  return false;
}

/** The parts of a schema that hold for every value of it: itself, what it refers to, and `allOf`. */
function* together(from: Located, options: SchemaOptions, seen = new Set<unknown>()): Generator<Located<JsonObject>> {
  const { documents, old } = options;
  const { value, file, path } = from;
  if (!isObject(value) || seen.has(value)) return;
  seen.add(value);
  const reference = value['$ref'];
  const target = typeof reference === 'string' ? documents.target(reference, from) : undefined;
  if (target) yield* together(target, options, seen);
  if (typeof reference === 'string' && old) return;
  yield { value, file, path };
  if (!Array.isArray(value['allOf'])) return;
  for (const [, part] of documents.members({ value: value['allOf'], file, path: [...path, 'allOf'] })) yield* together(part, options, seen);
}

function hiddenIn(from: Located, options: SchemaOptions): Hidden {
  let names: ReadonlySet<string> | undefined;
  const all = function* () {
    for (const { value, file, path } of together(from, options)) {
      if (!isObject(value['properties'])) continue;
      for (const [name, member] of options.documents.members({ value: value['properties'], file, path: [...path, 'properties'] }))
        if (isHidden(member, options)) yield name;
    }
  };
  return {
    names() {
      names ??= new Set(all());
      return names;
    },
    taken: new Set(),
  };
}

/** Whether a schema requires what may not come where it is a part, and so cannot be the same there as elsewhere. */
function asksFor(target: Located, hidden: Hidden, options: SchemaOptions): boolean {
  if (options.direction === undefined) return false;
  const own = hiddenIn(target, options);
  return [...together(target, options)].some(
    ({ value: { required } }) => Array.isArray(required) && required.some((name) => hidden.names().has(name) && !own.names().has(name)),
  );
}

function demanded(required: unknown, hidden: Hidden): readonly string[] | undefined {
  if (!Array.isArray(required)) return undefined;
  return [...new Set((required as string[]).filter((name) => !hidden.names().has(name)))];
}

/** In 3.0 these say whether the limit itself is excluded. */
function exclusive(value: JsonObject, converted: Record<string, unknown>): void {
  for (const [flag, limit] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (value[flag] !== true || converted[limit] === undefined) continue;
    converted[flag] = converted[limit];
    delete converted[limit];
  }
}

function nullable(value: JsonObject, schema: Record<string, unknown>, old: boolean): Schema {
  if (!old || value['nullable'] !== true) return schema;
  const isPlain = !['enum', 'allOf', 'oneOf', 'anyOf'].some((keyword) => keyword in schema);
  // The type of a value is told; where there is none, null is meant all the same.
  if (typeof schema['type'] === 'string' && isPlain) return Object.assign(schema, { type: [schema['type'], 'null'] });
  return { anyOf: [schema, { type: 'null' }] };
}

function annotate(value: JsonObject, converted: Record<string, unknown>): void {
  for (const keyword of ANNOTATIONS) if (value[keyword] !== undefined) converted[keyword] = value[keyword];
  if (value['example'] !== undefined && converted['examples'] === undefined) converted['examples'] = [value['example']];
}

/** With a discriminator, a property says which of several schemas a value has: that one is asked, and no other. */
function discriminated(
  value: JsonObject,
  from: Located,
  own: Record<string, unknown>,
  { documents, refer, direction }: SchemaOptions,
): Record<string, unknown> {
  const { discriminator } = value;
  const several = ['oneOf', 'anyOf'].find((keyword) => Array.isArray(value[keyword]));
  if (!isObject(discriminator) || several === undefined) return own;
  const property = discriminator['propertyName'];
  if (typeof property !== 'string') {
    documents.report({ file: from.file, path: [...from.path, 'discriminator'] }, 'has no propertyName');
    return own;
  }
  const references = (value[several] as unknown[]).map((one) =>
    isObject(one) && typeof one['$ref'] === 'string' ? one['$ref'] : undefined,
  );
  if (!references.every((reference) => reference !== undefined)) return own;
  const mapping = isObject(discriminator['mapping']) ? discriminator['mapping'] : {};
  const byValue = new Map<string, string>();
  const mapped = new Set(Object.values(mapping));
  for (const reference of references) if (!mapped.has(reference)) byValue.set(reference.slice(reference.lastIndexOf('/') + 1), reference);
  for (const [name, reference] of Object.entries(mapping)) {
    if (typeof reference !== 'string') continue;
    byValue.set(name, /[/#.]/.test(reference) ? reference : `#/components/schemas/${reference}`);
  }
  const placeOf = ({ file, path }: Located) => [file, ...path].join('\u0000');
  const branchPlaces = new Set(
    references.flatMap((reference) => {
      const target = documents.target(reference, from);
      return target ? [placeOf(target)] : [];
    }),
  );
  const choices = [...byValue].flatMap(([name, reference]) => {
    const target = documents.target(reference, { file: from.file, path: [...from.path, 'discriminator', 'mapping', name] });
    // A mapping chooses among the schemas that are listed, and adds none.
    return target && branchPlaces.has(placeOf(target)) ? [{ name, $ref: refer(target) }] : [];
  });
  if (direction === undefined)
    return {
      ...own,
      discriminator: { propertyName: property, mapping: Object.fromEntries(choices.map(({ name, $ref }) => [name, $ref])) },
    };
  const { [several]: _, ...rest } = own;
  const branches = choices.map(({ name, $ref }) => ({
    if: { required: [property], properties: { [property]: { const: name } } },
    // biome-ignore lint/suspicious/noThenProperty: the keyword is called so
    then: { $ref },
  }));
  const told = { type: 'object', required: [property], properties: { [property]: { enum: choices.map(({ name }) => name) } } };
  return { ...rest, allOf: [...((rest['allOf'] as unknown[] | undefined) ?? []), told, ...branches] };
}
