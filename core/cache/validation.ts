/** Conditional requests: those of clients, answered from what is stored, and those that ask the service whether it still holds. */

import { listOf, oneOf } from '../upstream/fields.ts';
import { without } from '../upstream/response-headers.ts';
import { readDate } from './http-date.ts';

/** What a cache may evaluate; the others only the service itself can (RFC 9111 section 4.3.2). */
export interface Conditions {
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
}

const CONDITIONAL = new Set(['if-none-match', 'if-modified-since']);

export function conditionsOf(request: readonly string[]): Conditions {
  return { ifNoneMatch: listOf(request, 'if-none-match'), ifModifiedSince: oneOf(request, 'if-modified-since') };
}

/** Conditions that only the service can evaluate, and by what some services are asked for something else than they seem to be. */
const FOR_ORIGIN = new Set([
  'if-match',
  'if-unmodified-since',
  'x-original-url',
  'x-rewrite-url',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-host',
]);

/** Whether only the service can answer a request. */
export function isForOrigin(request: readonly string[]): boolean {
  return request.some((name, at) => at % 2 === 0 && FOR_ORIGIN.has(name.toLowerCase().replaceAll('_', '-')));
}

/**
 * Whether the client has what is stored already: 304 then (RFC 9110 section 13.2.2). If-None-Match decides alone where it is.
 *
 * @param stored fields. @param receivedAt milliseconds since 1970
 */
export function isUnchanged(stored: readonly string[], { ifNoneMatch, ifModifiedSince }: Conditions, receivedAt: number): boolean {
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() === '*') return true;
    const etag = oneOf(stored, 'etag');
    return etag !== undefined && tagsOf(ifNoneMatch).some((tag) => opaque(tag) === opaque(etag));
  }
  const since = readDate(ifModifiedSince, receivedAt);
  if (since === undefined) return false;
  const modified = readDate(oneOf(stored, 'last-modified') ?? oneOf(stored, 'date'), receivedAt) ?? receivedAt;
  return modified <= since;
}

/** Whether a part of what is stored continues what the client has (RFC 9110 section 13.1.5): by a strong comparison. */
export function matchesIfRange(stored: readonly string[], ifRange: string): boolean {
  if (!ifRange.endsWith('"')) return ifRange === oneOf(stored, 'last-modified') && isStrongDate(stored);
  return ifRange.startsWith('"') && ifRange === oneOf(stored, 'etag');
}

/** A date is a strong validator when the answer was made well after it (RFC 9110 section 8.8.2.2). */
function isStrongDate(stored: readonly string[]): boolean {
  const [modified, date] = [readDate(oneOf(stored, 'last-modified'), 0), readDate(oneOf(stored, 'date'), 0)];
  return modified !== undefined && date !== undefined && date - modified >= 1000;
}

/** The request's fields with the validators of what is stored in place of the client's own; `undefined` when it has none. */
export function validating(request: readonly string[], stored: readonly string[]): string[] | undefined {
  const [etag, modified] = [oneOf(stored, 'etag'), oneOf(stored, 'last-modified')];
  if (etag === undefined && modified === undefined) return undefined;
  const fields = unconditional(request);
  if (etag !== undefined) fields.push('if-none-match', etag);
  if (modified !== undefined) fields.push('if-modified-since', modified);
  return fields;
}

/** The request for the whole answer. */
export function unconditional(request: readonly string[]): string[] {
  return without(request, (name) => CONDITIONAL.has(name));
}

/** Of a 304, what does not replace what is stored: they describe the body that it has not (RFC 9111 section 3.2). */
const OF_THE_BODY = new Set(['content-length', 'content-encoding', 'content-range', 'transfer-encoding']);

/** Whether a 304 is about what is stored (RFC 9111 section 4.3.4): where it names a validator, it is the same one. */
export function confirms(stored: readonly string[], notModified: readonly string[]): boolean {
  const [said, kept] = [oneOf(notModified, 'etag'), oneOf(stored, 'etag')];
  // Weakly: servers that compress weaken the one and not the other.
  if (said !== undefined && kept !== undefined) return opaque(said) === opaque(kept);
  const [modified, known] = [oneOf(notModified, 'last-modified'), oneOf(stored, 'last-modified')];
  return modified === undefined || known === undefined || modified === known;
}

/** Whether the head of an answer shows that what is stored is another one (RFC 9111 section 4.3.5). */
export function contradicts(stored: readonly string[], head: readonly string[]): boolean {
  return ['etag', 'last-modified', 'content-length'].some((field) => {
    const [kept, said] = [oneOf(stored, field), oneOf(head, field)];
    return kept !== undefined && said !== undefined && kept !== said;
  });
}

/** The stored fields, each of those that a 304 has replaced by its. */
export function freshened(stored: readonly string[], notModified: readonly string[]): string[] {
  const news = without(notModified, (name) => OF_THE_BODY.has(name));
  const names = new Set(news.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  return [...without(stored, (name) => names.has(name)), ...news];
}

/** Fields of a 304 that is made from a stored answer (RFC 9110 section 15.4.5), and those that caches below need. */
export function notModifiedFields(stored: readonly string[]): string[] {
  return without(stored, (name) => name.startsWith('content-') && name !== 'content-location' && name !== 'content-security-policy');
}

/** The members of a list of entity tags; what is malformed stands for itself. */
function tagsOf(list: string): string[] {
  return list.match(/(?:W\/)?"[^"]*"|[^\s,"]+/g) ?? [];
}

function opaque(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
