/**
 * JSON as a signed token must have it: an object, no member named twice at any depth (RFC 7515 section 4, RFC 8725 section
 * 2.4: two readers would see two tokens), nesting bounded. `JSON.parse` alone lets the last duplicate win.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseStrictObject(text: string, maxDepth: number): JsonObject {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new SyntaxError('not a JSON object');
  checkMembers(text, maxDepth);
  return value as JsonObject;
}

/** Goes over a text that is known to be JSON, without recursion. */
function checkMembers(text: string, maxDepth: number): void {
  const open: (Set<string> | undefined)[] = []; // the names seen in each open object; undefined for an array
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '}' || character === ']') open.pop();
    if (character === '{' || character === '[') {
      if (open.length === maxDepth) throw new SyntaxError(`nested deeper than ${maxDepth}`);
      open.push(character === '{' ? new Set() : undefined);
    }
    if (character !== '"') continue;
    const end = closingQuote(text, at);
    if (isName(text, end)) note(open.at(-1), text.slice(at, end + 1));
    at = end;
  }
}

function note(names: Set<string> | undefined, literal: string): void {
  const name = JSON.parse(literal) as string; // "s\u0075b" is "sub"
  if (names?.has(name)) throw new SyntaxError('a member is named twice');
  names?.add(name);
}

function closingQuote(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at;
}

/** Only a member name has a colon behind it. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (' \t\r\n'.includes(text[at] ?? ':')) at++;
  return text[at] === ':';
}
