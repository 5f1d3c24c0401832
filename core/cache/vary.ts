/**
 * Which of several answers to one target a request gets (RFC 9111 section 4.1): a stored answer has a list of selecting names, and
 * a request that has the same values for all of them gets it. A name is that of a header field, or `cookie:` and that of a cookie.
 */
import { cookieValues } from '../routing/cookies.ts';
import { listOf, valuesOf } from '../upstream/fields.ts';

/** Lists whose spaces mean nothing (RFC 9110 section 12.5). In the value of another field they may stand in a string. */
const SPACELESS = new Set(['accept', 'accept-language', 'accept-encoding', 'accept-charset']);
/** Whose letters mean the same in both cases. */
const CASELESS = new Set(['accept-language', 'accept-encoding', 'accept-charset']);

/** The field names of a Vary field, in lower case, each once, in order. */
export function varyOf(fields: readonly string[]): string[] {
  const names = valuesOf(fields, 'vary').flatMap((value) => value.split(','));
  return [...new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''))].sort();
}

/**
 * A text that is the same for two requests just when the names select the same answer for both.
 *
 * @param names selecting names, sorted. @param fields of the request as the service gets it
 */
export function selection(names: readonly string[], fields: readonly string[]): string {
  let text = '';
  // Neither names nor values can hold a line end.
  for (const name of names) text += `${name}:${selectingValue(name, fields)}\n`;
  return text;
}

function selectingValue(name: string, fields: readonly string[]): string {
  if (name.startsWith('cookie:')) return JSON.stringify(cookieValues(listOf(fields, 'cookie'), name.slice('cookie:'.length)));
  const value = listOf(fields, name);
  // That it is absent is a value of its own.
  if (value === undefined) return '';
  if (!SPACELESS.has(name)) return `=${value}`;
  const tight = value
    .split(',')
    .map((member) => member.trim())
    .join(',');
  return `=${CASELESS.has(name) ? tight.toLowerCase() : tight}`;
}
