/** The path of a target that needs work: escapes, dot segments, empty elements, characters that should have been escaped. */
import { Problem } from '../problem.ts';

const ambiguous = (detail: string) => new Problem('ambiguous-target', { detail });

/** How often what was escaped may be escaped again before nobody can say what is meant. */
const MAX_LAYERS = 3;

/** Brings the path into its canonical form or refuses it; the rules are those of `canonicalTarget`. */
export function canonicalElements(path: string): string {
  if (path.includes('\\')) throw ambiguous('The path holds a backslash.');
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) throw new Problem('bad-request', { detail: 'The path holds an incomplete percent-encoding.' });
  const written = path.split('/');
  const elements = normalEscapes(path).split('/');
  for (const [position, element] of elements.entries()) {
    if (isDots(element) && element !== written[position]) throw ambiguous('The path holds an encoded dot segment.');
    if (/^\.\.?(?:;|%3B)/.test(element)) throw ambiguous('The path holds a dot segment with a parameter.');
  }
  const canonical = withoutDots(elements);
  if (canonical.includes('%')) refuseHidden(canonical);
  return canonical;
}

const isDots = (element: string) => element === '.' || element === '..';

/** Escapes as RFC 3986 section 6.2.2 wants them, and escapes for the printable characters it has no place for in a path. */
function normalEscapes(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}|["<>[\]^`{|}]/g, (found) => {
    if (found.length === 1) return encodeURIComponent(found);
    const character = decode(found);
    return /[\w.~-]/.test(character) ? character : found.toUpperCase();
  });
}

/** The byte of an escape as a character; refuses those that change where a path's elements begin and end. */
function decode(escaped: string): string {
  const byte = Number.parseInt(escaped.slice(1), 16);
  if (byte === 0x2f) throw ambiguous('The path holds an encoded slash.');
  if (byte === 0x5c) throw ambiguous('The path holds an encoded backslash.');
  if (byte < 0x20 || byte === 0x7f) throw ambiguous('The path holds an encoded control character.');
  return String.fromCharCode(byte);
}

/** RFC 3986 section 5.2.4 on elements; the first is the empty one before the leading slash. */
function withoutDots(elements: readonly string[]): string {
  const kept: string[] = [];
  let merged = false;
  let climbed = false;
  for (let at = 1; at < elements.length; at++) {
    const element = elements[at] as string;
    const last = at === elements.length - 1;
    if (element === '..') {
      climbed = true;
      if (kept.pop() === undefined) throw ambiguous('The path leads above the root.');
    }
    if (element === '' && !last) merged = true;
    if (element !== '' && !isDots(element)) kept.push(element);
    else if (last) kept.push('');
  }
  if (merged && climbed) throw ambiguous('The path holds both an empty element and a dot segment.');
  return `/${kept.join('/')}`;
}

/** Looks for what a reader that decodes, or decodes more than once, would find in a canonical path. */
function refuseHidden(canonical: string): void {
  refuseIllFormed(canonical);
  let layer = canonical;
  for (let depth = 0; layer.includes('%'); depth++) {
    const next = layer.replace(/%[0-9A-Fa-f]{2}/g, decode);
    if (next === layer) return;
    if (depth === MAX_LAYERS) throw ambiguous('The path is percent-encoded too many times over.');
    if (/\/\.\.?(?:[;/]|$)/.test(next)) throw ambiguous('The path holds a dot segment encoded more than once.');
    layer = next;
  }
}

/** Overlong sequences (`%C0%AE` for a dot, `%C0%AF` for a slash) and other bytes that are not UTF-8 (RFC 3629 section 10). */
function refuseIllFormed(canonical: string): void {
  try {
    decodeURIComponent(canonical);
  } catch {
    throw ambiguous('The path holds percent-encoded bytes that are not UTF-8.');
  }
}
