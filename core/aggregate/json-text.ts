/**
 * The members of JSON text as they are written, found without making values of them: numbers of any size stay what they are, and
 * what is not looked at costs no memory. Everywhere the text must be valid JSON.
 */

/** The members of an object, in their order; of two of one name both. Undefined for what is no object. */
export function membersOf(text: string): readonly (readonly [name: string, value: string])[] | undefined {
  let at = afterSpace(text, 0);
  if (text[at] !== '{') return undefined;
  const members: (readonly [string, string])[] = [];
  at = afterSpace(text, at + 1);
  while (text[at] !== '}' && at < text.length) {
    const nameEnd = afterString(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const start = afterSpace(text, afterSpace(text, nameEnd) + 1);
    const end = afterValue(text, start);
    members.push([name, text.slice(start, end)]);
    at = afterSpace(text, end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return members;
}

/** The element at a position of an array; undefined for what is none, or has none there. */
function elementAt(text: string, position: number): string | undefined {
  let at = afterSpace(text, 0);
  if (text[at] !== '[') return undefined;
  at = afterSpace(text, at + 1);
  for (let count = 0; text[at] !== ']' && at < text.length; count += 1) {
    const end = afterValue(text, at);
    if (count === position) return text.slice(at, end);
    at = afterSpace(text, end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  return undefined;
}

/** A string, number or boolean that names (or positions, in arrays) lead to, as text; undefined where there is none. */
export function scalarAt(text: string, fields: readonly string[]): string | undefined {
  let inner: string | undefined = text.trim();
  for (const field of fields) {
    if (inner === undefined) return undefined;
    if (inner.startsWith('[')) inner = /^(?:0|[1-9]\d{0,6})$/.test(field) ? elementAt(inner, Number(field)) : undefined;
    // Of two of one name the last is meant, as JSON.parse has it.
    else inner = membersOf(inner)?.findLast(([name]) => name === field)?.[1];
  }
  if (inner === undefined || inner === 'null' || /^[{[]/.test(inner)) return undefined;
  return inner.startsWith('"') ? (JSON.parse(inner) as string) : inner;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return at;
}

/** Behind the string that begins here. */
function afterString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at += 1;
  }
  return text.length;
}

/** Behind the value that begins here. */
function afterValue(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = afterString(text, at);
      if (depth === 0) return at;
      continue;
    }
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === ',' || /\s/.test(character ?? ''))) return at;
    at += 1;
  }
  return at;
}
