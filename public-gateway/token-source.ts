/** Finds the token in a request. Never in the query or the body (RFC 9700 section 2.6), and never one of two. */
import type { IncomingMessage } from 'node:http';
import type { JwtConfig } from '../core/config/schema/index.ts';
import { cookieValues } from '../core/routing/cookies.ts';
import { refuse } from './challenges.ts';

type Request = Pick<IncomingMessage, 'headers'> & { readonly rawHeaders: readonly string[] };
export type TokenSource = (request: Request) => string | undefined;

export function tokenSource(from: JwtConfig['from']): TokenSource {
  const sources = from.map((source) => (source === 'bearer' ? fromAuthorization : fromCookie(source.cookie)));

  return function tokenSource(request) {
    refuseRepeated(request.rawHeaders);
    let found: string | undefined;
    for (const source of sources) {
      const token = source(request);
      if (token === undefined) continue;
      if (found !== undefined && found !== token) refuse('the request carries different tokens');
      found = token;
    }
    return found;
  };
}

/** Node keeps the first of two Authorization fields; a service behind might read the last. */
function refuseRepeated(rawHeaders: readonly string[]): void {
  let seen = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (seen) refuse('the request has two Authorization fields');
    seen = true;
  }
}

/**
 * One space, no more, although RFC 9110 section 11.4 would let more pass: what another reader may split differently is
 * refused. Other schemes are no token of ours.
 */
function fromAuthorization({ headers: { authorization } }: Request): string | undefined {
  if (authorization === undefined || !/^bearer(?![!#$%&'*+.^_`|~0-9a-z-])/i.test(authorization)) return undefined;
  if (authorization[6] !== ' ') refuse('the Authorization field has a scheme and nothing else');
  if (authorization[7] === ' ') refuse('the Authorization field has more than one space');
  return authorization.slice(7);
}

function fromCookie(name: string): TokenSource {
  return function fromCookie({ headers: { cookie } }) {
    const [value, ...others] = cookieValues(cookie, name);
    if (others.some((other) => other !== value)) refuse('the cookie is there twice');
    return value === '' ? undefined : value;
  };
}
