/** Where a value stands in a text that is known to be JSON: found by reading over what comes before it, and nothing is built. */

/** The offset of a member's name, or of an item; of the nearest container, where there is no such value. */
export function jsonOffset(text: string, path: readonly string[]): number {
  let offset = spaced(text, 0);
  let at = offset;
  for (const segment of path) {
    const found = text[at] === '{' ? memberAt(text, at, segment) : text[at] === '[' ? itemAt(text, at, Number(segment)) : undefined;
    if (!found) break;
    ({ offset, at } = found);
  }
  return offset;
}

/** Line and column, from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
}

interface Found {
  readonly offset: number;
  /** Where the value begins. */
  readonly at: number;
}

function memberAt(text: string, open: number, wanted: string): Found | undefined {
  let at = spaced(text, open + 1);
  while (text[at] === '"') {
    const end = pastString(text, at);
    const value = spaced(text, spaced(text, end) + 1);
    if (JSON.parse(text.slice(at, end)) === wanted) return { offset: at, at: value };
    at = spaced(text, pastValue(text, value));
    if (text[at] === ',') at = spaced(text, at + 1);
  }
  return undefined;
}

function itemAt(text: string, open: number, wanted: number): Found | undefined {
  let at = spaced(text, open + 1);
  for (let index = 0; text[at] !== ']'; index += 1) {
    if (index === wanted) return { offset: at, at };
    at = spaced(text, pastValue(text, at));
    if (text[at] === ',') at = spaced(text, at + 1);
    else if (text[at] !== ']') return undefined;
  }
  return undefined;
}

function pastValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = pastString(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    // What ends a number or a word belongs to its container.
    if (depth < 0 || (depth === 0 && character === ',')) return at;
    if (depth === 0 && (character === '"' || character === '}' || character === ']')) return at + 1;
  }
  return text.length;
}

function pastString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function spaced(text: string, start: number): number {
  let at = start;
  while (' \t\r\n'.includes(text[at] ?? 'x')) at += 1;
  return at;
}
