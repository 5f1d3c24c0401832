/**
 * What was read, completed to what the code works with: defaults filled in, units converted, all of it frozen. A value
 * that is in error is replaced by its default or something of the right shape, so that the checks can still say what
 * else is wrong; such a configuration never leaves the loader.
 */
import { parseRange } from './cidr.ts';
import { childOf, hasType, type SchemaNode } from './input-schema.ts';
import { pointer } from './positions.ts';
import type { Plain } from './read.ts';
import type { Converted } from './schema/scalars.ts';
import { parseDuration, parsePercentage, parseRate, parseSize } from './units.ts';

const converters: { readonly [Name in keyof Converted]: (text: string) => Converted[Name] } = {
  duration: (text) => parseDuration(text) ?? 0,
  size: (text) => parseSize(text) ?? 0,
  rate: (text) => parseRate(text) ?? { limit: 1, windowMs: 1000 },
  percentage: (text) => parsePercentage(text) ?? 0,
  cidr: canonicalRange,
};
function canonicalRange(text: string): string {
  const range = parseRange(text);
  return typeof range === 'string' ? '' : range.canonical;
}

const isConverted = (format: string | undefined): format is keyof Converted => format !== undefined && Object.hasOwn(converters, format);

export function complete(node: SchemaNode, value: Plain, invalid: ReadonlySet<string>, place = ''): unknown {
  if (node.anyOf !== undefined) return complete(formOf(node.anyOf, value), value, invalid, place);
  if (hasType(node, 'array'))
    return Object.freeze(
      (Array.isArray(value) ? value : []).map((item, index) => complete(node.items ?? {}, item, invalid, `${place}/${index}`)),
    );
  if (node.type === 'object') {
    const content = value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
    return Object.freeze(
      node.properties === undefined
        ? completeNames(node, content, invalid, place)
        : completeKeys(node, node.properties, content, invalid, place),
    );
  }
  if (invalid.has(place)) return standIn(node);
  return isConverted(node.format) ? Object.freeze(converters[node.format](String(value))) : value;
}

/** An object whose keys the schema names. */
function completeKeys(
  node: SchemaNode,
  properties: Readonly<Record<string, SchemaNode>>,
  content: { readonly [key: string]: Plain },
  invalid: ReadonlySet<string>,
  place: string,
): object {
  const result: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(properties)) {
    const inside = place + pointer([key]);
    const given = Object.hasOwn(content, key) ? content[key] : undefined;
    const lost = given === undefined || (invalid.has(inside) && (typeof given !== 'object' || given === null));
    if (!lost) result[key] = complete(child, given, invalid, inside);
    else if (child.default !== undefined) result[key] = complete(child, child.default as Plain, none, inside);
    else if (node.required?.includes(key)) result[key] = complete(child, null, new Set([inside]), inside);
  }
  if (node.patternProperties !== undefined)
    for (const [key, value] of Object.entries(completeNames(node, content, invalid, place)))
      if (!Object.hasOwn(properties, key)) result[key] = value;
  return result;
}

const none: ReadonlySet<string> = new Set();

/** An object whose keys are names of the user's: without a prototype, so that a name is there only when it was given. */
function completeNames(node: SchemaNode, content: { readonly [key: string]: Plain }, invalid: ReadonlySet<string>, place: string): object {
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, value] of Object.entries(content)) {
    const child = childOf(node, key);
    if (child !== undefined) result[key] = complete(child, value, invalid, place + pointer([key]));
  }
  return result;
}

/** Which of several forms a value has; by its kind, and between objects by its keys. */
function formOf(forms: readonly SchemaNode[], value: Plain): SchemaNode {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  const ofKind = forms.filter((form) => hasType(form, kind) || (kind === 'number' && hasType(form, 'integer')));
  const keys = kind === 'object' ? Object.keys(value ?? {}) : [];
  const fitting = ofKind.find(
    (form) =>
      (form.const === undefined || form.const === value) &&
      (form.enum === undefined || form.enum.includes(value)) &&
      keys.every((key) => childOf(form, key) !== undefined) &&
      (form.required ?? []).every((key) => keys.includes(key)),
  );
  return fitting ?? ofKind[0] ?? forms[0] ?? {};
}

function standIn(node: SchemaNode): unknown {
  if (node.default !== undefined) return complete(node, node.default as Plain, none);
  if (node.enum !== undefined) return node.enum[0];
  if (hasType(node, 'integer') || hasType(node, 'number')) return node.minimum ?? 0;
  if (hasType(node, 'boolean')) return false;
  return isConverted(node.format) ? Object.freeze(converters[node.format]('')) : '';
}
