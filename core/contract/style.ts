/** How parameters are written (OpenAPI's `style` and `explode`), read back: text, a list of texts, or texts by name. */

export type Style = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
export type Kind = 'text' | 'list' | 'object';
export type Written = string | readonly string[] | { readonly [name: string]: string | readonly string[] };

export interface Writing {
  readonly name: string;
  readonly style: Style;
  readonly explode: boolean;
}

/** As they stand in the request: the name decoded, the value not. */
export type Pair = readonly [name: string, value: string];

type Decode = (text: string) => string;

/** What cannot be read: escapes that are none, a name without a value. */
export class Unreadable extends Error {}

export function decodeEscapes(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Unreadable('is not encoded rightly');
  }
}

/** As forms write it: a plus is a space. */
export const decodeForm: Decode = (text) => decodeEscapes(text.replaceAll('+', ' '));

/** Of a cookie, whose writers may not know that it is to be encoded. */
export const decodeCookie: Decode = (text) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** The pairs of a query or a form. A pair whose name cannot be read keeps it as it is written. */
export function pairsOf(query: string): Pair[] {
  return query.split('&').flatMap((pair): Pair[] => {
    if (pair === '') return [];
    const equals = pair.indexOf('=');
    const [name, value] = equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    try {
      return [[decodeForm(name), value]];
    } catch {
      return [[name, value]];
    }
  });
}

/** One element of a path. @throws Unreadable */
export function readPath(text: string, kind: Kind, { name, style, explode }: Writing): Written {
  if (style === 'label') {
    const rest = prefixed(text, '.');
    return writtenOf(rest, kind, explode || !rest.includes(',') ? '.' : ',', explode, decodeEscapes);
  }
  if (style === 'matrix') {
    const rest = prefixed(text, ';');
    if (kind === 'object' && explode) return objectOf(rest.split(';'), decodeEscapes);
    const values = (explode ? rest.split(';') : [rest]).map((part) => prefixed(part, `${name}=`));
    if (kind === 'list' && explode) return values.map(decodeEscapes);
    return writtenOf(values[0] as string, kind, ',', false, decodeEscapes);
  }
  return writtenOf(text, kind, ',', explode, decodeEscapes);
}

/** A header field: simple, and nothing in it is encoded. */
export function readHeader(text: string, kind: Kind, { explode }: Writing): Written {
  const trimmed = kind === 'text' ? text : text.replace(/\s*,\s*/g, ',');
  return writtenOf(trimmed, kind, ',', explode, (part) => part);
}

/**
 * A parameter of a query, a form or a cookie; undefined when it is not there.
 * @param claimed names that are other parameters': an object whose members stand alone has none of them
 * @throws Unreadable
 */
export function readPairs(
  pairs: readonly Pair[],
  kind: Kind,
  writing: Writing,
  claimed: ReadonlySet<string>,
  decode: Decode = decodeForm,
): Written | undefined {
  const { name, style, explode } = writing;
  if (style === 'deepObject') return readDeep(pairs, name);
  if (kind === 'object' && explode && style === 'form') {
    const own = pairs.filter(([other]) => !claimed.has(other));
    return own.length === 0 ? undefined : byName(own.map(([member, value]) => [member, decode(value)]));
  }
  const values = pairs.flatMap(([other, value]) => (other === name ? [value] : []));
  const [first] = values;
  if (first === undefined) return undefined;
  if (kind === 'list' && explode) return values.map(decode);
  if (values.length > 1) throw new Unreadable('stands there more than once');
  const separator = { spaceDelimited: ' ', pipeDelimited: '|' }[style as string] ?? ',';
  return writtenOf(withSeparator(first, separator), kind, separator, false, decode);
}

/** `filter[color]=red&filter[size]=1` */
function readDeep(pairs: readonly Pair[], name: string): Written | undefined {
  const members = pairs.flatMap(([other, value]): [string, string][] => {
    if (!other.startsWith(`${name}[`) || !other.endsWith(']')) return [];
    return [[other.slice(name.length + 1, -1), decodeForm(value)]];
  });
  return members.length === 0 ? undefined : byName(members);
}

/** Between the values of a list, spaces and pipes may be written encoded; commas then are part of a value. */
function withSeparator(text: string, separator: string): string {
  if (separator === ' ') return text.replace(/%20|\+/g, ' ');
  return separator === '|' ? text.replace(/%7C/gi, '|') : text;
}

function writtenOf(text: string, kind: Kind, separator: string, explode: boolean, decode: Decode): Written {
  if (kind === 'text') return decode(text);
  const parts = text.split(separator);
  if (kind === 'list') return parts.map(decode);
  if (text === '') return {};
  if (explode) return objectOf(parts, decode);
  if (parts.length % 2 === 1) throw new Unreadable('has a name without a value');
  return byName(parts.flatMap((part, at) => (at % 2 === 0 ? [[decode(part), decode(parts[at + 1] as string)] as const] : [])));
}

function objectOf(parts: readonly string[], decode: Decode): Written {
  return byName(
    parts.map((part) => {
      const equals = part.indexOf('=');
      if (equals === -1) throw new Unreadable('has a name without a value');
      return [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
    }),
  );
}

/** A name that stands there twice has a list. */
function byName(members: readonly (readonly [string, string])[]): Written {
  const all = new Map<string, string | string[]>();
  for (const [name, value] of members) {
    const before = all.get(name);
    all.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(all);
}

function prefixed(text: string, prefix: string): string {
  if (!text.startsWith(prefix)) throw new Unreadable(`does not begin with ${prefix}`);
  return text.slice(prefix.length);
}
