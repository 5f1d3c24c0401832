/** From the text of a parameter to the values that it may stand for, by its schema. */
import { isObject, numberOf } from './json.ts';
import type { Schema } from './schema.ts';
import type { Kind, Written } from './style.ts';

/** What a schema says of its values before there is one; references are followed. */
export interface Shape {
  readonly types: ReadonlySet<string>;
  /** Of the items of a list. */
  items(): Shape;
  /** Of a member of an object. */
  member(name: string): Shape;
  /** The members it names. */
  readonly names: ReadonlySet<string>;
}

const ALL = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;

/** @param shapeOf the schema of a name */
export function shapeOf(schema: Schema, follow: (name: string) => Schema): Shape {
  const parts = partsOf(schema, follow);
  const narrowed = parts.all.map(typesOf).filter((types) => types !== undefined);
  const several = parts.some.map((group) => union(group.map((one) => shapeOf(one, follow).types)));
  const allowed = [...narrowed, ...several];
  const types = new Set(ALL.filter((type) => allowed.every((set) => set.has(type))));
  const every = [...parts.all, ...parts.some.flat().flatMap((one) => partsOf(one, follow).all)];
  const inner = (found: readonly unknown[]) => shapeOf({ allOf: found.filter((one) => isObject(one)) }, follow);
  return {
    types,
    items: () => inner(every.map((one) => isObject(one) && one['items'])),
    member: (name) =>
      inner(
        every.map((one) => {
          if (!isObject(one)) return undefined;
          const properties = one['properties'];
          return isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : one['additionalProperties'];
        }),
      ),
    names: new Set(every.flatMap((one) => (isObject(one) && isObject(one['properties']) ? Object.keys(one['properties']) : []))),
  };
}

/** The schemas that all hold, and the groups of which some do. A schema within itself says nothing new. */
function partsOf(schema: Schema, follow: (name: string) => Schema): { all: Schema[]; some: Schema[][] } {
  const all: Schema[] = [];
  const some: Schema[][] = [];
  const seen = new Set<unknown>();
  const walk = (one: unknown): void => {
    if (!isObject(one) || seen.has(one) || seen.size > 200) return;
    seen.add(one);
    all.push(one);
    if (typeof one['$ref'] === 'string') walk(follow(one['$ref']));
    for (const part of Array.isArray(one['allOf']) ? one['allOf'] : []) walk(part);
    for (const keyword of ['anyOf', 'oneOf']) if (Array.isArray(one[keyword])) some.push(one[keyword] as Schema[]);
  };
  walk(schema);
  return { all, some };
}

function typesOf(schema: Schema): Set<string> | undefined {
  if (!isObject(schema)) return undefined;
  const { type, enum: values } = schema;
  if (type !== undefined) return new Set([type].flat().map((one) => (one === 'integer' ? 'number' : String(one))));
  if (Array.isArray(values)) return new Set(values.map(typeOf));
  return undefined;
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
const union = (sets: readonly ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap((set) => [...set]));

/** The ways in which a parameter may be written. */
export function kindsOf({ types }: Shape): Kind[] {
  const kinds: Kind[] = [];
  if (types.has('array')) kinds.push('list');
  if (types.has('object')) kinds.push('object');
  // Of a schema that allows everything, text is meant.
  if (types.size === ALL.length) return ['text'];
  if ([...types].some((type) => type !== 'array' && type !== 'object') || kinds.length === 0) kinds.push('text');
  return kinds;
}

/** JSON's numbers, and nothing else that JavaScript takes for one. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The same shape, while a value is read: what it says of items and members is looked up once, of members without a name of their own too. */
export function remembering(shape: Shape): Shape {
  let items: Shape | undefined;
  const members = new Map<string | undefined, Shape>();
  return {
    types: shape.types,
    names: shape.names,
    items() {
      items ??= remembering(shape.items());
      return items;
    },
    member(name) {
      const key = shape.names.has(name) ? name : undefined;
      const member = members.get(key) ?? remembering(shape.member(name));
      members.set(key, member);
      return member;
    },
  };
}

/** The values that a text may stand for, the likeliest first. Where there are several texts, all are what they look like, or all are text. */
export function candidates(written: Written, shape: Shape): readonly unknown[] {
  if (typeof written !== 'string') return [0, -1].map((which) => coerced(written, remembering(shape), which));
  const values: unknown[] = [];
  const { types } = shape;
  if (types.has('number') && NUMBER.test(written)) values.push(numberOf(written));
  if (types.has('boolean') && (written === 'true' || written === 'false')) values.push(written === 'true');
  if (types.has('null') && (written === '' || written === 'null')) values.push(null);
  if (types.has('string') || values.length === 0) values.push(written);
  return values;
}

function coerced(written: Written, shape: Shape, which: number): unknown {
  const { types } = shape;
  if (typeof written === 'string')
    return types.has('array') && !types.has('string') ? [coerced(written, shape.items(), which)] : candidates(written, shape).at(which);
  if (isList(written)) return written.map((item) => coerced(item, shape.items(), which));
  const items = types.has('array') && !types.has('object') ? itemsOf(written) : undefined;
  if (items) return items.map((item) => coerced(item, shape.items(), which));
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, coerced(value, shape.member(name), which)]));
}

/** A value that has another reading's parts where something is wrong with its own. @param wrong the paths of what is wrong */
export function mended(value: unknown, other: unknown, wrong: readonly (readonly string[])[]): unknown {
  if (typeof value !== 'object' || value === null || typeof other !== 'object' || other === null) return other;
  const mends = [...Map.groupBy(wrong, ([name]) => name)].flatMap(([name, paths]): [string, unknown][] => {
    if (name === undefined || !Object.hasOwn(value, name)) return [];
    const inner = (from: object) => (from as Record<string, unknown>)[name];
    return [
      [
        name,
        mended(
          inner(value),
          inner(other),
          paths.map((path) => path.slice(1)),
        ),
      ],
    ];
  });
  if (!Array.isArray(value)) return Object.fromEntries([...Object.entries(value), ...mends]);
  return Object.assign([...value], Object.fromEntries(mends));
}

/** Of a list whose items have brackets, empty ones or with a number. */
function itemsOf(written: { readonly [name: string]: Written }): readonly Written[] | undefined {
  const names = Object.keys(written);
  if (names.length === 1 && names[0] === '') return [written[''] as Written].flat();
  return names.every((name) => /^(?:0|[1-9]\d{0,4})$/.test(name)) ? Object.values(written) : undefined;
}

const isList = (written: Written): written is readonly string[] => Array.isArray(written);
