/** What the claims of a token must say beyond what passport-jwt reads, and the principal they make. */
import type { Principal } from '../core/context.ts';
import { frozen } from '../core/frozen.ts';
import { refuse } from './challenges.ts';
import type { JsonObject } from './strict-json.ts';
import type { TokenHeader } from './token-shape.ts';

export type User = Extract<Principal, { kind: 'user' }>;

/** The end of year 9999: a later `exp` is a mistake (milliseconds, 2^53), not a date. */
const LATEST = 253_402_300_799;

/** The milliseconds since 1970 at which the token ends, tolerance included. */
export function checkTimes(claims: JsonObject, epoch: number, tolerance: number): number {
  const { exp, nbf, iat } = claims;
  // RFC 7519 section 2 would allow a fraction; no issuer writes one, and hand-made tokens do.
  if (typeof exp !== 'number' || !Number.isSafeInteger(exp) || exp <= 0 || exp > LATEST) refuse('exp is not a date');
  const end = exp * 1000 + tolerance;
  if (epoch >= end) refuse('the token has expired');
  if (nbf !== undefined && startOf(nbf, 'nbf') > epoch + tolerance) refuse('the token is not valid yet');
  if (iat !== undefined && startOf(iat, 'iat') > epoch + tolerance) refuse('the token was issued in the future');
  return end;
}

function startOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || value < 0) refuse(`${name} is not a date`);
  return value * 1000;
}

/**
 * ID tokens come from the same issuer under the same key and must not give access (RFC 9068 section 5). A token that says what
 * it is (header `at+jwt`; the claim `typ` of Keycloak, `token_use` of Cognito) is believed; of the others, those that carry what
 * only ID tokens (OpenID Connect Core section 2) and event tokens (RFC 8417) carry are refused.
 */
export function checkPurpose(header: TokenHeader, claims: JsonObject): void {
  const stated = [header.typ, claims.typ, claims.token_use].filter((word) => typeof word === 'string');
  if (stated.some((word) => /^(id|refresh|offline|logout)/i.test(word))) refuse('the token says that it is for something else');
  if (Object.hasOwn(claims, 'events')) refuse('the token tells of an event');
  if (stated.some((word) => /^(at\+jwt|bearer|access)/i.test(word))) return;
  for (const name of ['nonce', 'at_hash', 'c_hash', 's_hash']) if (Object.hasOwn(claims, name)) refuse('the token is an ID token');
}

/** `sub` counts, limits and names the user upstream: a token without one, of a client acting for itself, is refused. */
export function userOf(claims: JsonObject): User {
  const { sub, aud } = claims;
  if (typeof sub !== 'string' || sub.trim() === '') refuse('sub is not a string with something in it');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a header
  if (/[\x00-\x1f\x7f]/.test(sub)) refuse('sub has control characters');
  if (Array.isArray(aud) && !aud.every((value) => typeof value === 'string')) refuse('aud is not made of strings');
  return Object.freeze({ kind: 'user', subject: sub, claims: frozen(claims), scopes: scopesOf(claims.scope ?? claims.scp) });
}

/** `scope` is a list with spaces (RFC 8693 section 4.2); `scp`, of Okta and Entra ID, that or an array. */
function scopesOf(claim: unknown): ReadonlySet<string> {
  if (typeof claim === 'string') return new Set(claim.split(' ').filter((scope) => scope !== ''));
  return new Set(Array.isArray(claim) ? claim.filter((scope) => typeof scope === 'string') : []);
}
