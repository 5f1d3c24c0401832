/**
 * The refusals of the public gateway, each with its challenge (RFC 6750 section 3). What a client is told is constant:
 * why a token was refused stands in the cause, for logs only.
 */
import { Problem } from '../core/problem.ts';

/** No credentials were given, so RFC 6750 section 3.1 forbids an error code. */
export const unauthenticated = (): Problem =>
  new Problem('unauthenticated', { headers: { 'WWW-Authenticate': 'Bearer realm="public-gateway"' } });

export const invalidToken = (cause: unknown): Problem =>
  new Problem('invalid-token', { headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' }, cause });

/** Throws what `invalidToken` makes, with the reason for the log. */
export function refuse(reason: string): never {
  throw invalidToken(new Error(reason));
}

/** A scope that could not stand in the header (RFC 6749 section 3.3) is left out of it; it is demanded nevertheless. */
export function insufficientScope(scopes: readonly string[]): Problem {
  const told = scopes.filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)).join(' ');
  return new Problem('insufficient-scope', {
    headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope"${told === '' ? '' : `, scope="${told}"`}` },
  });
}
