/** JSON as a contract must have it: two readers see the same values. */

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Deeper than this, some reader gives up. */
const DEEPEST = 200;

/** @throws SyntaxError for what is no JSON, names a member twice (readers differ on which counts), or is nested too deeply */
export function parseJson(text: string): unknown {
  const value: unknown = NEAR_THE_END.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  if (typeof value !== 'object' || value === null) return value;
  if (namesIn(text) !== membersOf(value)) throw new SyntaxError('a member is named twice');
  return value;
}

/** Whatever doubles take for an end of 64-bit integers has these digits; to read exactly takes a few times as long. */
const NEAR_THE_END = /922337203685477[56]\d{3}/;

/** The ends of 64-bit integers, between which and their neighbours doubles do not tell. */
const END = 2 ** 63;

/** The number that a text stands for; where doubles have the same for what is a 64-bit integer and what is none, one on the right side. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (Math.abs(value) !== END || !/^-?\d+$/.test(text)) return value;
  const exact = BigInt(text);
  if (exact >= BigInt(END)) return END + 2048;
  if (exact < -BigInt(END)) return -END - 2048;
  return exact < 0n ? value : END - 1024;
}

/** As `JSON.parse` calls it, with the text of a value where that is a number. */
function exactly(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' && context?.source !== undefined ? numberOf(context.source) : value;
}

/** How many member names a text has that is known to be JSON. */
function namesIn(text: string): number {
  let names = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > DEEPEST) throw new SyntaxError(`it is nested deeper than ${DEEPEST}`);
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
    else if (code === 0x3a) names += 1;
    else if (code === 0x22) at = closingQuote(text, at);
  }
  return names;
}

function closingQuote(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at;
}

/** How many members all objects in a value have. */
function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + membersOf(item), 0);
  let sum = 0;
  for (const name of Object.keys(value)) sum += 1 + membersOf((value as JsonObject)[name]);
  return sum;
}

/** The same text for the same value, whatever the order of its members. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical((value as JsonObject)[name])}`).join(',')}}`;
}

/** RFC 6901 section 6: a pointer as the fragment of a URI. */
export function fragment(path: readonly (string | number)[]): string {
  return `#${path.map((segment) => `/${encoded(String(segment).replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')}`;
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}
