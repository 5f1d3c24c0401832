/** Bodies, read for what they say: JSON, forms and text. What is none of them is not looked into. */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { candidates, type Shape } from './coerce.ts';
import { parseJson } from './json.ts';
import { charset, essence, jsonType } from './media-type.ts';
import { type Part, partsOf } from './multipart.ts';
import { pairsOf, readPairs, Unreadable, type Written } from './style.ts';

export type BodyKind = 'json' | 'form' | 'multipart' | 'text' | 'opaque';

/** A body that is not what its type says; the message goes on from "it". */
export class Malformed extends Error {}

export function kindOfBody(type: string): BodyKind {
  if (jsonType(type)) return 'json';
  const name = essence(type);
  if (name === 'application/x-www-form-urlencoded') return 'form';
  if (name === 'multipart/form-data') return 'multipart';
  return name.startsWith('text/') && name !== 'text/event-stream' ? 'text' : 'opaque';
}

const decoders: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/** Whether every coding of a Content-Encoding is known. */
export const canDecode = (encoding: string): boolean => codingsOf(encoding).every((coding) => Object.hasOwn(decoders, coding));

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
      plain = await (decoders[coding] as (typeof decoders)[string])(plain, { maxOutputLength: limit });
    } catch (problem) {
      if (problem instanceof RangeError) return undefined;
      throw new Malformed(`is not encoded as ${coding}`);
    }
  }
  return plain;
}

/** How the fields of a form are written, where it is not as `form` with `explode`. */
export type Encodings = ReadonlyMap<string, { readonly style?: unknown; readonly explode?: unknown; readonly contentType?: unknown }>;

/** The values that a body may stand for, the likeliest first. @throws Malformed */
export function valuesOf(body: Buffer, type: string, kind: BodyKind, shape: () => Shape, encodings: Encodings): readonly unknown[] {
  if (kind === 'json') return [jsonOf(body, type)];
  if (kind === 'text') return candidates(textOf(body, type), shape());
  if (kind === 'form') return [formOf(textOf(body, type), shape(), encodings)];
  return [multipartOf(body, type, shape())];
}

/** RFC 8259 section 8.1: between systems, JSON is UTF-8. */
function jsonOf(body: Buffer, type: string): unknown {
  const text = textOf(body, 'application/json');
  if (!['utf-8', 'utf8', 'us-ascii', undefined].includes(charset(type))) throw new Malformed('is no JSON in UTF-8');
  try {
    return parseJson(text);
  } catch (problem) {
    const known = problem instanceof SyntaxError && /^(?:a member is named|it is nested)/.test(problem.message);
    throw new Malformed(known ? `is no JSON that everybody reads alike: ${problem.message}` : 'is no JSON');
  }
}

function textOf(body: Buffer, type: string): string {
  const name = charset(type) ?? 'utf-8';
  try {
    return new TextDecoder(name, { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new Malformed(`is not text in ${name}`);
  }
}

function formOf(text: string, shape: Shape, encodings: Encodings): unknown {
  const pairs = pairsOf(text);
  const names = new Set([...shape.names, ...pairs.map(([name]) => name.replace(/\[.*\]$/, ''))]);
  const members: [string, unknown][] = [];
  for (const name of names) {
    const { style = 'form', explode = style === 'form' } = encodings.get(name) ?? {};
    const inner = shape.member(name);
    const deep = style === 'deepObject' || pairs.some(([other]) => other.startsWith(`${name}[`));
    const kind = deep ? 'object' : inner.types.has('array') && inner.types.size < 6 ? 'list' : 'text';
    let written: Written | undefined;
    try {
      written = readPairs(pairs, kind, { name, style: (deep ? 'deepObject' : style) as 'form', explode: explode === true }, new Set());
    } catch (problem) {
      if (problem instanceof Unreadable) throw new Malformed(`is no form: ${name} ${problem.message}`);
      throw problem;
    }
    if (written !== undefined) members.push([name, candidates(written, inner)[0]]);
  }
  return Object.fromEntries(members);
}

/** The fields of a form; of a file, its bytes as text, one character each. */
function multipartOf(body: Buffer, type: string, shape: Shape): unknown {
  const parts = partsOf(body, type);
  if (!parts) throw new Malformed('is no multipart form');
  const members = [...new Set(parts.map(({ name }) => name))].map((name): [string, unknown] => {
    const inner = shape.member(name);
    const isList = inner.types.has('array') && inner.types.size < 6;
    const values = parts.filter((part) => part.name === name).map((part) => partValue(part, isList ? inner.items() : inner));
    return [name, isList || values.length > 1 ? values : values[0]];
  });
  return Object.fromEntries(members);
}

function partValue({ file, type, body }: Part, shape: Shape): unknown {
  const isJson = type === undefined ? shape.types.has('object') && !shape.types.has('string') : jsonType(type);
  if (!isJson) return file ? body.toString('latin1') : candidates(body.toString(), shape)[0];
  try {
    return parseJson(body.toString());
  } catch {
    throw new Malformed('has a part that is no JSON');
  }
}
