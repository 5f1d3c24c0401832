/** How parameters are written (OpenAPI's `style` and `explode`), read back: text, a list of texts, or texts by name. */

export type Style = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';
export type Kind = 'text' | 'list' | 'object';
export type Written = string | readonly string[] | { readonly [name: string]: Written };

export interface Writing {
  readonly name: string;
  readonly style: Style;
  readonly explode: boolean;
  /** Whether no value of a list has a comma: then those that are encoded stand between values, too. */
  readonly bare?: boolean;
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
  const trimmed =
    kind === 'text'
      ? text
      : text
          .split(',')
          .map((part) => part.trim())
          .join(',');
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
  // Where text is allowed too, it has no brackets.
  if (style === 'deepObject' && (kind !== 'text' || pairs.some(([other]) => other.startsWith(`${name}[`)))) return readDeep(pairs, name);
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
  const bare = kind === 'list' && separator === ',' && writing.bare === true;
  return writtenOf(bare ? first.replace(/%2C/gi, ',') : withSeparator(first, separator), kind, separator, false, decode);
}

/** How deep members of members go, which each have brackets of their own. */
const DEEPEST = 10;

/** `filter[color]=red&filter[size][min]=1`; of a list, `filter[]=red` or `filter[0]=red`. */
function readDeep(pairs: readonly Pair[], name: string): Written | undefined {
  const members: Members = new Map();
  for (const [other, value] of pairs) {
    // To one reader it is the whole, to the next it is nothing.
    if (other === name) throw new Unreadable('stands there without brackets');
    if (!other.startsWith(`${name}[`)) continue;
    const path = other.slice(name.length + 1, -1).split('][');
    if (!other.endsWith(']') || path.some((one) => /[[\]]/.test(one))) throw new Unreadable('has brackets that are no pairs');
    if (path.length > DEEPEST) throw new Unreadable(`is nested deeper than ${DEEPEST}`);
    put(members, path, decodeForm(value));
  }
  return members.size === 0 ? undefined : objectWith(members);
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

type Members = Map<string, string | string[] | Members>;

function byName(members: readonly (readonly [string, string])[]): Written {
  const all: Members = new Map();
  for (const [name, value] of members) put(all, [name], value);
  return objectWith(all);
}

/** A name that stands there twice has a list. */
function put(members: Members, [name = '', ...inner]: readonly string[], value: string): void {
  const before = members.get(name);
  if (before !== undefined && before instanceof Map !== inner.length > 0) throw new Unreadable('has a member that is written in two ways');
  if (inner.length > 0) {
    const own = before instanceof Map ? before : new Map();
    members.set(name, own);
    put(own, inner, value);
  } else if (Array.isArray(before)) before.push(value);
  else members.set(name, before === undefined ? value : [before as string, value]);
}

const objectWith = (members: Members): Written =>
  Object.fromEntries([...members].map(([name, value]) => [name, value instanceof Map ? objectWith(value) : value]));

function prefixed(text: string, prefix: string): string {
  if (!text.startsWith(prefix)) throw new Unreadable(`does not begin with ${prefix}`);
  return text.slice(prefix.length);
}
