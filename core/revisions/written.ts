/** A configuration as its file has it: strings with units, `${NAME}` as it stands; nothing is put in, converted or completed. */
import { type Document, parseDocument } from 'yaml';
import type { Path } from '../config/finding.ts';

export type Written = null | string | number | boolean | readonly Written[] | WrittenMap;
export interface WrittenMap {
  readonly [key: string]: Written;
}

export const isMapping = (value: unknown): value is WrittenMap => typeof value === 'object' && value !== null && !Array.isArray(value);
export const isList = (value: unknown): value is readonly Written[] => Array.isArray(value);

/** Aliases may not blow a small file up. */
const MOST_ALIASED = 10_000;

/** @throws Error for what is no YAML of one document */
export function documentOf(text: string): Document.Parsed {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, logLevel: 'error' });
  const [problem] = document.errors;
  if (problem) throw problem;
  return document;
}

/** The value of the whole file; an empty one has none. @throws Error for what is no YAML */
export const contentOf = (document: Document.Parsed): Written => (document.toJS({ maxAliasCount: MOST_ALIASED }) ?? null) as Written;

/** @throws Error for what is no YAML of one document, and for a value that is a part of itself by an alias */
export function written(text: string): Written {
  const content = contentOf(documentOf(text));
  if (text.includes('*') && !hasEnd(content)) throw new Error('a value is a part of itself');
  return content;
}

function hasEnd(content: Written): boolean {
  try {
    JSON.stringify(content);
    return true;
  } catch {
    return false;
  }
}

/** What stands at a place; undefined where nothing does. */
export function at(value: Written | undefined, path: Path): Written | undefined {
  let inner = value;
  for (const segment of path) {
    if (isList(inner)) inner = inner[Number(segment)];
    else inner = isMapping(inner) && Object.hasOwn(inner, segment) ? inner[segment] : undefined;
  }
  return inner;
}

/** A new object with one member set, in its place, or as the last. No name is special. */
export function withMember(map: WrittenMap, name: string, value: Written | undefined): WrittenMap {
  const members = Object.entries(map).filter(([key]) => value !== undefined || key !== name);
  const place = members.findIndex(([key]) => key === name);
  if (value !== undefined) members.splice(place === -1 ? members.length : place, 1, [name, value]);
  return Object.fromEntries(members);
}

/** The whole with a value set at a place, or taken out; what leads there is made where it is missing, as objects. */
export function withValue(whole: Written | undefined, [first, ...rest]: Path, value: Written | undefined): Written | undefined {
  if (first === undefined) return value;
  if (typeof first === 'number') {
    const list = isList(whole) ? [...whole] : [];
    const inner = rest.length === 0 ? value : withValue(list[first], rest, value);
    if (inner === undefined) list.splice(first, 1);
    else list[first] = inner;
    return list;
  }
  const map = isMapping(whole) ? whole : {};
  const known = Object.hasOwn(map, first) ? map[first] : undefined;
  if (known === undefined && value === undefined) return whole ?? undefined;
  return withMember(map, first, rest.length === 0 ? value : withValue(known, rest, value));
}

/** RFC 7396: what a patch makes of a value. */
export function patched(target: Written | undefined, patch: Written): Written {
  if (!isMapping(patch)) return patch;
  let result = isMapping(target) ? target : {};
  for (const [name, value] of Object.entries(patch)) {
    const own = Object.hasOwn(result, name) ? result[name] : undefined;
    result = withMember(result, name, value === null ? undefined : patched(own, value));
  }
  return result;
}
