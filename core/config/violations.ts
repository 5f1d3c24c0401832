/** One violation of the schema, as ajv reports it, in plain words. */
import type { ErrorObject } from 'ajv';
import { describe, nameRule, show } from './describe.ts';
import { error, formatPath, type Path, type Remark } from './finding.ts';
import { formats } from './formats.ts';
import { hasType, inputSchema, type SchemaNode } from './input-schema.ts';
import { didYouMean, editDistance, nearest } from './nearest.ts';
import type { Plain } from './read.ts';

export function remarkOn(violation: ErrorObject, path: Path, hidden: boolean): Remark {
  // ajv runs verbose: the schema that was violated and the value that violates it come along.
  const node = violation.parentSchema as SchemaNode;
  const value = violation.data as Plain;
  switch (violation.keyword) {
    case 'additionalProperties':
      return unknownKey([...path, String(violation.params['additionalProperty'])], node);
    case 'required':
      return error(path, `is missing ${String(violation.params['missingProperty'])}`);
    case 'propertyNames':
      return error([...path, String(violation.params['propertyName'])], `the key must be ${describe(node.propertyNames ?? {})}`, {
        atKey: true,
      });
    case 'minItems':
      return error(path, 'must not be an empty list');
    case 'minProperties':
      return error(
        path,
        `must not be empty: it takes ${node.properties === undefined ? 'at least one name' : Object.keys(node.properties).join(', ')}`,
      );
    case 'maxProperties':
      return error(path, `must have one key, not ${Object.keys(value ?? {}).join(' and ')}: each is an item of its own`);
    default:
      return wrongValue(path, node, value, hidden);
  }
}

function unknownKey(path: Path, node: SchemaNode): Remark {
  const key = String(path.at(-1));
  if (node.properties === undefined) return error(path, `is not a name (${nameRule})`, { atKey: true });
  const valid = Object.keys(node.properties);
  const near = nearest(key, valid);
  const homes = homesOf(key);
  // A slip of a letter is a slip; a key that is right elsewhere was more likely meant for there.
  if (near !== undefined && (homes.length === 0 || editDistance(key, near) <= 1))
    return error(path, 'unknown key', { atKey: true, hint: `did you mean ${near}?` });
  if (homes.length > 0) return error(path, 'unknown key', { atKey: true, hint: `it belongs in ${homes.slice(0, 3).join(' or ')}` });
  // The beginning of a key of this place was hardly meant for another.
  const elsewhere = valid.some((name) => name.startsWith(key)) ? undefined : nearest(key, allHomes().keys());
  if (elsewhere !== undefined)
    return error(path, 'unknown key', {
      atKey: true,
      hint: `did you mean ${elsewhere}, in ${homesOf(elsewhere).slice(0, 2).join(' or ')}?`,
    });
  return error(path, 'unknown key', { atKey: true, hint: `known here: ${valid.join(', ')}` });
}

let homes: Map<string, string[]> | undefined;

/** The objects anywhere in a configuration that have a key of this name. */
const homesOf = (key: string): readonly string[] => allHomes().get(key) ?? [];

function allHomes(): ReadonlyMap<string, readonly string[]> {
  if (homes === undefined) {
    homes = new Map();
    collectHomes(inputSchema, [], homes);
  }
  return homes;
}

function collectHomes(node: SchemaNode, path: Path, found: Map<string, string[]>): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const places = found.get(key) ?? [];
    places.push(path.length === 0 ? 'the top of the file' : formatPath(path).replaceAll('[0]', '[]'));
    found.set(key, places);
    collectHomes(child, [...path, key], found);
  }
  for (const child of Object.values(node.patternProperties ?? {})) collectHomes(child, [...path, 'NAME'], found);
  for (const child of node.anyOf ?? []) collectHomes(child, path, found);
  if (node.items !== undefined) collectHomes(node.items, [...path, 0], found);
}

function wrongValue(path: Path, node: SchemaNode, value: Plain, hidden: boolean): Remark {
  const accepted = describe(node);
  if (value === null && path.length === 0) return error(path, `is empty: it must have ${(node.required ?? []).join(' and ')}`);
  if (value === null)
    return error(path, `is empty; it must be ${accepted}${hasType(node, 'object') ? ' (write {} for an empty object)' : ''}`);
  const reason = typeof value === 'string' && node.format !== undefined ? formats[node.format]?.wrong(value) : null;
  const given = hidden ? ', not what the environment gives' : isLong(node, value) ? '' : `, not ${show(value)}`;
  const message = `must be ${accepted}${given}${reason && !hidden ? `: ${reason}` : ''}`;
  return error(path, message, { hint: hidden ? undefined : hintFor(node, value) });
}

/** A text that is only too short may be a secret. */
const isLong = (node: SchemaNode, value: Plain): boolean => typeof value === 'string' && (node.minLength ?? 0) > 1;

function hintFor(node: SchemaNode, value: Plain): string | undefined {
  const forms = node.anyOf ?? [node];
  if (typeof value === 'number' || typeof value === 'boolean') {
    const format = forms.find(({ format: name }) => name !== undefined)?.format;
    if (format !== undefined && ['duration', 'size', 'rate', 'percentage'].includes(format))
      return typeof value === 'number' ? 'it needs a unit' : undefined;
    return forms.some((form) => hasType(form, 'string') && form.enum === undefined) ? `quote it: "${value}"` : undefined;
  }
  if (typeof value !== 'string')
    return Array.isArray(value) || !forms.some((form) => hasType(form, 'array')) ? undefined : 'write it as a list: [ ]';
  const words = forms.flatMap((form) => [...(form.enum ?? []), ...(form.const === undefined ? [] : [form.const])]).map(String);
  if (words.length > 0) return didYouMean(value, words);
  if (forms.some((form) => hasType(form, 'array'))) return `write it as a list: [${value}]`;
  const meant = forms
    .map(({ format }) => (format === undefined ? undefined : formats[format]?.meant?.(value)))
    .find((text) => text !== undefined);
  return meant === undefined || meant === value ? undefined : `did you mean ${meant}?`;
}
