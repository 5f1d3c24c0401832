/** The formats that are looked at: JSON Schema's and OpenAPI's. Text longer than any of them can be is none. */
import type { Format } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';

/** Characters: RFC 5321, RFC 1035, and room enough for the others. */
const LONGEST: Readonly<Record<string, number>> = { email: 320, hostname: 254, 'uri-template': 2048, uri: 8192, 'uri-reference': 2048 };
const OTHERS = 256;

/** Not looked at: their expressions take more time the longer the text is, or there is nothing to see. */
const UNSEEN = new Set(['url', 'regex', 'json-pointer-uri-fragment', 'binary', 'password']);
/** Of any length. */
const UNBOUNDED = new Set(['json-pointer', 'relative-json-pointer']);

/** Of the double that JSON makes of it (json.ts). */
const int64: Format = { type: 'number', validate: (value: number) => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63 };

export const formats: Record<string, Format> = {
  ...Object.fromEntries(Object.entries(fullFormats).map(([name, format]) => [name, UNSEEN.has(name) ? true : bounded(name, format)])),
  int64,
  byte: (text: string) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text),
};

function bounded(name: string, format: Format): Format {
  const test = format instanceof RegExp ? (text: string) => format.test(text) : textTest(format);
  if (!test || UNBOUNDED.has(name)) return format;
  const longest = LONGEST[name] ?? OTHERS;
  return (text: string) => text.length <= longest && test(text);
}

/** Of a format of text. */
function textTest(format: Format): ((text: string) => boolean) | undefined {
  if (typeof format === 'function') return format as (text: string) => boolean;
  if (typeof format !== 'object' || format instanceof RegExp || format.type === 'number') return undefined;
  const { validate } = format;
  return typeof validate === 'function' ? (validate as (text: string) => boolean) : undefined;
}
