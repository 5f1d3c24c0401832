/** The lines of a header or trailer section (RFC 9112 section 5), read strictly: what another reader may read differently is refused. */
import { malformed } from './wire-error.ts';

/** RFC 9110 section 5.6.2: what tokens are made of, as a part of a regular expression. */
export const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";

/** What field values are made of (RFC 9110 section 5.5): no controls, and so no CR or LF on its own. The same. */
export const VALUE = '[\\t\\x20-\\x7e\\x80-\\xff]*';

const LINES = new RegExp(`(?:${TOKEN}:${VALUE}\\r\\n)*`, 'y');
const LINE = new RegExp(`^${TOKEN}:${VALUE}$`);

const TAB = 9;
const SPACE = 32;

const A = 65;
const Z = 90;
/** The bit in which the cases of a letter differ. */
const CASE = 32;

/** Whether two tokens are one name, in whatever case: without a text in lower case made of each. */
export function isNamed(name: string, other: string): boolean {
  // Of most names that is all that is looked at.
  if (name.length !== other.length) return false;
  for (let at = 0; at < other.length; at += 1) if (lowerAt(name, at) !== lowerAt(other, at)) return false;
  return true;
}

function lowerAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= A && code <= Z ? code | CASE : code;
}

/**
 * Fields, flat: name, value. A line that is folded (RFC 9112 section 5.2), has whitespace before its colon, or ends in anything but
 * CRLF is no field.
 *
 * @param section the lines, without the empty one, as latin1. @param from where the first of them begins
 * @throws WireError
 */
export function readFields(section: string, from = 0): string[] {
  LINES.lastIndex = from;
  if (!LINES.test(section) || LINES.lastIndex !== section.length) refuse(section.slice(from));
  const fields: string[] = [];
  for (let at = from; at < section.length; ) {
    const colon = section.indexOf(':', at);
    const end = section.indexOf('\r\n', colon);
    let start = colon + 1;
    while (isWhitespace(section.charCodeAt(start))) start += 1;
    let stop = end;
    while (stop > start && isWhitespace(section.charCodeAt(stop - 1))) stop -= 1;
    fields.push(section.slice(at, colon), section.slice(start, stop));
    at = end + 2;
  }
  return fields;
}

const isWhitespace = (code: number): boolean => code === SPACE || code === TAB;

function refuse(section: string): never {
  const line = section.split('\r\n').find((one) => !LINE.test(one)) ?? '';
  malformed(`a line of a header or trailer section is no field: ${JSON.stringify(line.slice(0, 50))}`);
}
