/** The keywords of schemas: what a value of each must be, and where there are schemas inside. */
import { isObject } from './json.ts';

type Wrong = (value: unknown) => string | undefined;

const types = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']);

const must =
  (what: string, fits: (value: unknown) => boolean): Wrong =>
  (value) =>
    fits(value) ? undefined : `must be ${what}`;

const number = must('a number', (value) => typeof value === 'number' && Number.isFinite(value));
const count = must('a whole number, 0 or more', (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const text = must('text', (value) => typeof value === 'string');
const flag = must('true or false', (value) => typeof value === 'boolean');
const names = must('a list of names', (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'));

/** Keywords that stand for themselves. */
export const assertions: Readonly<Record<string, Wrong>> = {
  type: must('one of the types of JSON Schema, or a list of them', (value) =>
    Array.isArray(value) ? value.length > 0 && value.every((type) => types.has(type as string)) : types.has(value as string),
  ),
  enum: must('a list with at least one value', (value) => Array.isArray(value) && value.length > 0),
  const: () => undefined,
  multipleOf: must('a number above 0', (value) => typeof value === 'number' && value > 0),
  maximum: number,
  exclusiveMaximum: number,
  minimum: number,
  exclusiveMinimum: number,
  maxLength: count,
  minLength: count,
  pattern: text,
  maxItems: count,
  minItems: count,
  uniqueItems: flag,
  maxContains: count,
  minContains: count,
  maxProperties: count,
  minProperties: count,
  required: names,
  dependentRequired: must('lists of names, by name', (value) => isObject(value) && Object.values(value).every((list) => !names(list))),
  format: text,
};

/** Keywords with one schema, with a list of them, with some by name; those of 3.1 alone. */
export const single: ReadonlySet<string> = new Set([
  'not',
  'if',
  'then',
  'else',
  'items',
  'additionalProperties',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
export const listed: ReadonlySet<string> = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
export const named: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/** What speaks of the same value as the schema that it stands in. */
export const inPlace: ReadonlySet<string> = new Set(['not', 'if', 'then', 'else', 'allOf', 'anyOf', 'oneOf', 'dependentSchemas']);

/** Keywords of 3.0 (its Schema Object); the others of JSON Schema mean nothing there. */
const OLD = new Set([
  ...['type', 'enum', 'multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern'],
  ...['maxItems', 'minItems', 'uniqueItems', 'maxProperties', 'minProperties', 'required', 'format'],
  ...['not', 'items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'properties'],
]);

/** Those that would need a schema to be known by another name than its place. */
export const unsupported: ReadonlySet<string> = new Set(['$dynamicRef', '$recursiveRef']);

export const isKnown = (keyword: string, old: boolean): boolean =>
  old ? OLD.has(keyword) : keyword in assertions || single.has(keyword) || listed.has(keyword) || named.has(keyword);
