/** The schema in plain words: what a value must be. */
import { formats } from './formats.ts';
import type { SchemaNode } from './input-schema.ts';
import type { Plain } from './read.ts';
import { NAME_PATTERN } from './schema/scalars.ts';

export const nameRule = 'letters, digits, ".", "_" and "-", at most 63, beginning with a letter or a digit';

/** `a, b or c`. */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

/** Completes "must be ...". */
export function describe(node: SchemaNode): string {
  if (node.anyOf !== undefined) return either(node.anyOf.map(describe));
  if (node.const !== undefined) return String(node.const);
  if (node.enum !== undefined) return node.enum.length === 1 ? String(node.enum[0]) : `one of ${node.enum.join(', ')}`;
  const types = [node.type ?? 'string'].flat();
  return either(types.map((type) => describeType(node, type)));
}

function describeType(node: SchemaNode, type: string): string {
  switch (type) {
    case 'string':
      return describeText(node);
    case 'integer':
      return `a whole number${bounds(node)}`;
    case 'number':
      return `a number${bounds(node)}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return node.items === undefined ? 'a list' : `a list, each item ${describe(node.items)}`;
    default:
      return node.properties === undefined ? 'an object' : `an object with ${Object.keys(node.properties).join(', ')}`;
  }
}

function describeText(node: SchemaNode): string {
  const format = node.format === undefined ? undefined : formats[node.format];
  if (format !== undefined) return format.accepts;
  if (node.pattern === NAME_PATTERN) return `a name (${nameRule})`;
  if (node.pattern !== undefined) return `text that matches ${node.pattern}`;
  if (node.minLength === 1) return 'text, not empty';
  return node.minLength === undefined ? 'text' : `text of at least ${node.minLength} characters`;
}

function bounds({ minimum, maximum }: SchemaNode): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maximum === undefined ? '' : `, at most ${maximum}`;
}

/** A value as a message shows it. */
export function show(value: Plain): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  // A password in a URL does not belong in a message either.
  const text = JSON.stringify(value).replace(/\/\/.*@/, '//***@');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
