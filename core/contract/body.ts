/** Bodies, read for what they say: JSON, forms and text. What is none of them is not looked into. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { candidates, remembering, type Shape } from './coerce.ts';
import { parseJson } from './json.ts';
import { essence, jsonType, matching, parametersOf } from './media-type.ts';
import { type Part, partsOf } from './multipart.ts';
import { type Pair, pairsOf, readPairs, Unreadable, type Written } from './style.ts';

export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'opaque';

/** A body that is not what its type says; the message goes on from "it". */
export class Malformed extends Error {}

/** Of a type without a schema, nothing can be wrong but the type. Text is what its schema takes for one value: XML and tables are more. */
export function kindOfBody(type: string, { schema, shape }: { readonly schema: string | undefined; shape(): Shape }): BodyKind {
  if (schema === undefined) return 'opaque';
  if (jsonType(type)) return 'json';
  const name = essence(type);
  if (name === 'application/x-www-form-urlencoded') return 'form';
  if (name === 'multipart/form-data') return 'multipart';
  const isText = name === 'text/plain' || name === 'text/html';
  return isText && [...shape().types].some((one) => one !== 'array' && one !== 'object') ? 'text' : 'opaque';
}

/** With `info`, zlib tells how many bytes it has taken. */
interface Decompressed {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}
type Decompress = (
  body: Buffer,
  options: { info: true; maxOutputLength: number },
  done: (error: Error | null, found: Buffer) => void,
) => void;
const decoder = (decompress: Decompress) =>
  promisify(decompress) as unknown as (body: Buffer, options: { info: true; maxOutputLength: number }) => Promise<Decompressed>;

const decoders: Readonly<Record<string, ReturnType<typeof decoder>>> = {
  gzip: decoder(gunzip),
  'x-gzip': decoder(gunzip),
  deflate: decoder(inflate),
  br: decoder(brotliDecompress),
  zstd: decoder(zstdDecompress),
};

/** Codings one upon the other: each costs as much as the body is large. */
const MOST_CODINGS = 3;

/** Whether every coding of a Content-Encoding is known, and there are not too many. */
export function canDecode(encoding: string): boolean {
  const codings = codingsOf(encoding);
  return codings.length <= MOST_CODINGS && codings.every((coding) => Object.hasOwn(decoders, coding));
}

const codingsOf = (encoding: string): string[] =>
  encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');

/** The body without its codings; undefined when it is larger then than the limit. @throws Malformed */
export async function decoded(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer | undefined> {
  let plain = body;
  for (const coding of codingsOf(encoding ?? '').toReversed()) {
    try {
      const { buffer, engine } = await (decoders[coding] as ReturnType<typeof decoder>)(plain, { info: true, maxOutputLength: limit });
      // Behind the end, another reader may find more.
      if (engine.bytesWritten < plain.length) throw new Error('There is more behind the end.');
      plain = buffer;
    } catch (problem) {
      if (problem instanceof RangeError) return undefined;
      throw new Malformed(`is not encoded as ${coding}`);
    }
  }
  return plain;
}

/** How the fields of a form are written, where it is not as `form` with `explode`, and the types that its parts may have. */
export type Encodings = ReadonlyMap<string, { readonly style?: unknown; readonly explode?: unknown; readonly contentType?: unknown }>;

/** More fields are no form that somebody filled in. */
const MOST_FIELDS = 10_000;

/** The values that a body may stand for, the likeliest first. @throws Malformed */
export function valuesOf(body: Buffer, type: string, kind: BodyKind, shape: () => Shape, encodings: Encodings): readonly unknown[] {
  const charset = charsetOf(type);
  if (kind === 'json') return [jsonOf(body, charset)];
  if (kind === 'text') return candidates(textIn(charset, body), shape());
  const form = { shape: remembering(shape()), encodings };
  return whole(kind === 'form' ? formOf(utf8Of(body, charset), form) : multipartOf(body, type, form));
}

function charsetOf(type: string): string | undefined {
  const parameters = parametersOf(type);
  if (!parameters) throw new Malformed('is of a type whose parameters are not read alike by everybody');
  return parameters.get('charset')?.toLowerCase();
}

const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii', undefined]);

/** RFC 8259 section 8.1: between systems, JSON is UTF-8. */
function jsonOf(body: Buffer, charset: string | undefined): unknown {
  if (!UTF8.has(charset)) throw new Malformed('is no JSON in UTF-8');
  return parsed(textIn('utf-8', body), 'is');
}

function parsed(text: string, what: string): unknown {
  try {
    return parseJson(text);
  } catch (problem) {
    const known = problem instanceof SyntaxError && /^(?:a member is named|it is nested)/.test(problem.message);
    throw new Malformed(known ? `${what} no JSON that everybody reads alike: ${problem.message}` : `${what} no JSON`);
  }
}

const notUtf8 = () => new Malformed('is no form in UTF-8');

/** In other charsets, a field may be hidden from who takes it for UTF-8, as the escapes of forms are. */
function utf8Of(body: Buffer, charset: string | undefined): string {
  if (!UTF8.has(charset)) throw notUtf8();
  return textIn('utf-8', body);
}

function textIn(charset = 'utf-8', body: Buffer): string {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Malformed(`is not text in ${charset}`);
  }
}

interface Form {
  readonly shape: Shape;
  readonly encodings: Encodings;
}

/** A name that a client gave, as it is told. */
const brief = (name: string): string => (name.length > 100 ? `${name.slice(0, 100).toWellFormed()}...` : name);

/** A field, and the values that it may stand for. */
type Field = readonly [name: string, values: readonly unknown[]];

/** All fields as what they look like, and all as text where they may be text. */
const whole = (fields: readonly Field[]): readonly unknown[] =>
  [0, -1].map((which) => Object.fromEntries(fields.map(([name, values]) => [name, values.at(which)])));

function formOf(text: string, { shape, encodings }: Form): Field[] {
  const pairs = pairsOf(text);
  if (pairs.length > MOST_FIELDS) throw new Malformed(`is no form: it has more than ${MOST_FIELDS} fields`);
  const owners = ownersOf(shape, encodings);
  return [...Map.groupBy(pairs, ([name]) => owners.get(name) ?? fieldOf(name, shape))].flatMap(([name, own]): Field[] => {
    try {
      const inner = shape.member(name);
      const { written, isJson } = readField(own, name, inner, encodings);
      if (written === undefined) return [];
      return [[name, isJson ? [parsed(written as string, `has a field ${brief(name)} that is`)] : candidates(written, inner)]];
    } catch (problem) {
      if (problem instanceof Unreadable) throw new Malformed(`is no form: ${brief(name)} ${problem.message}`);
      throw problem;
    }
  });
}

/** Of the members that stand alone (`form` with `explode`), the field that they are of. */
function ownersOf(shape: Shape, encodings: Encodings): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const [name, { style, explode }] of encodings) {
    if (style !== 'form' || explode === false || !takesObject(shape.member(name))) continue;
    for (const member of shape.member(name).names) if (!shape.names.has(member)) owners.set(member, name);
  }
  return owners;
}

/** `f` of `f[a]` and `f[]`, unless the schema names it with its brackets. */
function fieldOf(name: string, { names }: Shape): string {
  const bracket = names.has(name) || !name.endsWith(']') ? -1 : name.indexOf('[');
  return bracket < 1 ? name : name.slice(0, bracket);
}

function readField(
  pairs: readonly Pair[],
  name: string,
  shape: Shape,
  encodings: Encodings,
): { readonly written: Written | undefined; readonly isJson: boolean } {
  const { style, explode = style === undefined || style === 'form', contentType } = encodings.get(name) ?? {};
  const standAlone = style === 'form' && explode === true && takesObject(shape);
  const isDeep = (style === 'deepObject' && !shape.types.has('string')) || (!standAlone && pairs.some(([other]) => other !== name));
  // With a style, the type means nothing (OpenAPI 3.1.1, Encoding Object).
  const isJson = style === undefined && !isDeep && (typeof contentType === 'string' ? jsonType(contentType) : takesObject(shape));
  const kind = isDeep || (takesObject(shape) && !isJson) ? 'object' : takesList(shape) && !isJson ? 'list' : 'text';
  const writing = { name, style: isDeep ? 'deepObject' : ((style ?? 'form') as 'form'), explode: explode === true } as const;
  return { written: readPairs(pairs, kind, writing, new Set()), isJson };
}

/** Of a schema that allows everything, text is meant. */
const takesList = ({ types }: Shape): boolean => types.has('array') && types.size < 6;
const takesObject = ({ types }: Shape): boolean => types.has('object') && !types.has('string') && !types.has('array');

/** The fields of a form; of a file, its bytes as text, one character each. */
function multipartOf(body: Buffer, type: string, { shape, encodings }: Form): Field[] {
  const parts = partsOf(body, type);
  if (!parts) throw new Malformed('is no multipart form');
  if (parts.length > MOST_FIELDS) throw new Malformed(`is no form: it has more than ${MOST_FIELDS} parts`);
  // The charset of all parts without one of their own (RFC 7578 section 4.6).
  for (const part of parts) if (part.name === '_charset_' && !UTF8.has(part.body.toString().trim().toLowerCase())) throw notUtf8();
  return [...Map.groupBy(parts, ({ name }) => listOf(name, shape))].map(([name, own]): Field => {
    const inner = shape.member(name);
    const isList = takesList(inner);
    const all = own.map((part) => partValues(part, isList ? inner.items() : inner, encodings.get(name)?.contentType));
    const [first] = all;
    // A list may be one part in JSON, or a part for each item.
    if (first && all.length === 1 && (!isList || (Array.isArray(first[0]) && !takesList(inner.items())))) return [name, first];
    return [name, [0, -1].map((which) => all.map((values) => values.at(which)))];
  });
}

/** Many write `ids[]` for a list `ids`. */
const listOf = (name: string, shape: Shape): string =>
  name.endsWith('[]') && !shape.names.has(name) && shape.names.has(name.slice(0, -2)) ? name.slice(0, -2) : name;

/** @param allowed the types it may have, with commas between them */
function partValues({ name, file, type, body }: Part, shape: Shape, allowed: unknown): readonly unknown[] {
  const types = typeof allowed === 'string' ? allowed.split(',').map((one) => one.trim()) : [];
  // One that is no file and names no type is what is expected; of a file, that is text (RFC 7578 section 4.4).
  const own = type ?? (file ? 'text/plain' : types[0]);
  if (own !== undefined && types.length > 0 && !matching(own, new Map(types.map((one) => [one.toLowerCase(), true]))))
    throw new Malformed(`has a part ${name} that is not ${types.join(' or ')}`);
  if (own === undefined ? takesObject(shape) : jsonType(own)) return [parsed(utf8Of(body, charsetOf(own ?? '')), 'has a part that is')];
  if (file) return [body.toString('latin1')];
  return candidates(utf8Of(body, type === undefined ? undefined : charsetOf(type)), shape);
}
