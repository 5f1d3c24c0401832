/** A request as it is given on the command line. */
import { canonicalHost } from '../routing/canonical-host.ts';
import { UsageError } from './terminal.ts';

export interface Request {
  readonly method: string;
  /** As it would stand in the request line. */
  readonly target: string;
  /** As the Host field would have it. */
  readonly host: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function requestOf(method: string, url: string, fields: readonly string[]): Request {
  if (!token.test(method)) throw new UsageError(`${method} is not a method`);
  const headers = headersOf(fields);
  const [, authority, rest] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (authority === undefined && !url.startsWith('/')) throw new UsageError(`${url} is neither a path nor an http or https URL`);
  const host = headers['host'] ?? authority ?? 'localhost';
  const target = authority === undefined ? url : (rest ?? '').startsWith('/') ? (rest ?? '') : `/${rest ?? ''}`;
  try {
    canonicalHost(host);
  } catch {
    throw new UsageError(`${host} is not a host`);
  }
  return { method, target, host, headers: { ...headers, host } };
}

/** Fields given more than once are one, as node joins them (RFC 9110 section 5.3). */
function headersOf(fields: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const field of fields) {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).trim().toLowerCase();
    if (colon === -1 || !token.test(name)) throw new UsageError(`${field} is not a header field: write 'name: value'`);
    const value = field.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
}
