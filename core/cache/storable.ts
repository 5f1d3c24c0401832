/** Whether an answer may be stored by a shared cache (RFC 9111 sections 3 and 3.5), and what of it. */

import { valuesOf } from '../upstream/fields.ts';
import { without } from '../upstream/response-headers.ts';
import type { ResponseDirectives } from './directives.ts';
import type { Allowances, Head, Lifetime } from './freshness.ts';

/** What is understood here as RFC 9110 has it, for `must-understand`. */
const UNDERSTOOD = new Set([
  200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414, 415, 421,
  422, 426, 451, 500, 501, 502, 503, 504, 505,
]);

/** A part of something, and answers about the conditions of one request. */
const NEVER = new Set([206, 304, 412, 416, 417]);

/** Errors of whoever asks that are as true for everybody. Any other may be about a field of one odd request, which is in no key. */
const ABOUT_THE_RESOURCE = new Set([404, 405, 410, 414, 451]);

/** Fields that are about one connection or one hop, or are made anew whenever an answer is given. */
const NOT_STORED = new Set(['age', 'proxy-authentication-info', 'proxy-authenticate', 'proxy-authorization', 'server-timing', 'trailer']);

export interface Asker {
  /** Whether the request came with credentials: an Authorization field, or whatever else told who the user is. */
  readonly authorized: boolean;
  /** Whether each user has answers of their own. */
  readonly apart: boolean;
  /** Whether a part was asked for. */
  readonly ranged: boolean;
}

/** Why an answer is not stored, as Cache-Status tells it. */
export type Unstorable = 'status' | 'no-store' | 'private' | 'vary' | 'set-cookie' | 'authorization' | 'not-understood' | 'no-freshness';

/** `undefined` when it may be stored. @param allows the answer can also be kept for what it is worth when stale */
export function whyNotStored(head: Head, lifetime: Lifetime, asker: Asker, allows: Allowances): Unstorable | undefined {
  const { status, fields, directives } = head;
  if (status < 200 || NEVER.has(status) || (asker.ranged && status !== 200)) return 'status';
  if (status >= 400 && status < 500 && !ABOUT_THE_RESOURCE.has(status) && !saysShared(directives)) return 'status';
  if (directives.mustUnderstand && !UNDERSTOOD.has(status)) return 'not-understood';
  if (directives.noStore && !directives.mustUnderstand) return 'no-store';
  if (directives.private) return 'private';
  if (asker.authorized && !asker.apart && !maySharedly(directives)) return 'authorization';
  if (has(fields, 'set-cookie') && !directives.fieldsWithheld.has('set-cookie')) return 'set-cookie';
  if (valuesOf(fields, 'vary').some((value) => value.split(',').some((name) => name.trim() === '*'))) return 'vary';
  return isWorthIt(head, lifetime, allows) ? undefined : 'no-freshness';
}

/** The fields as they are stored. */
export function storedFields(fields: readonly string[], { fieldsWithheld }: ResponseDirectives): string[] {
  return without(fields, (name) => NOT_STORED.has(name) || fieldsWithheld.has(name));
}

/** Whether it speaks to shared caches. */
function saysShared({ public: everybody, sMaxage }: ResponseDirectives): boolean {
  return everybody || sMaxage !== undefined;
}

/** Section 3.5. */
function maySharedly(directives: ResponseDirectives): boolean {
  return saysShared(directives) || directives.mustRevalidate;
}

/** Whether it can ever be given: while fresh, after validation, or in place of a failure. */
function isWorthIt({ status, fields, directives }: Head, { seconds, explicit }: Lifetime, allows: Allowances): boolean {
  const canBeValidated = has(fields, 'etag') || has(fields, 'last-modified');
  if (directives.noCache && !canBeValidated) return false;
  if (seconds > 0 || (status === 200 && canBeValidated)) return true;
  return (
    explicit &&
    status < 500 &&
    (directives.staleIfError ?? allows.staleIfError) + (directives.staleWhileRevalidate ?? allows.staleWhileRevalidate) > 0
  );
}

function has(fields: readonly string[], lowerName: string): boolean {
  return valuesOf(fields, lowerName).length > 0;
}
