/** A request as it is given on the command line. */
import type { IncomingHttpHeaders } from 'node:http';
import type { DescribedRequest } from '../explain/step.ts';
import { canonicalHost } from '../routing/canonical-host.ts';
import { UsageError } from './terminal.ts';

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function requestOf(method: string, url: string, fields: readonly string[]): DescribedRequest {
  if (!token.test(method)) throw new UsageError(`${method} is not a method`);
  const rawHeaders = rawHeadersOf(fields);
  const headers = headersOf(rawHeaders);
  const [, scheme, authority, rest] = /^(https?):\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (authority === undefined && !url.startsWith('/')) throw new UsageError(`${url} is neither a path nor an http or https URL`);
  const host = headers.host ?? authority ?? 'localhost';
  const target = authority === undefined ? url : (rest ?? '').startsWith('/') ? (rest ?? '') : `/${rest ?? ''}`;
  try {
    canonicalHost(host);
  } catch {
    throw new UsageError(`${host} is not a host`);
  }
  return {
    method,
    target,
    host,
    scheme: scheme === undefined ? undefined : scheme.toLowerCase() === 'https' ? 'https' : 'http',
    headers: { ...headers, host },
    rawHeaders,
  };
}

/** Name, value, name, value, as given. */
function rawHeadersOf(fields: readonly string[]): string[] {
  return fields.flatMap((field) => {
    const colon = field.indexOf(':');
    const name = field.slice(0, colon).trim();
    if (colon === -1 || !token.test(name)) throw new UsageError(`${field} is not a header field: write 'name: value'`);
    return [name, field.slice(colon + 1).trim()];
  });
}

/** Of these that a pipeline reads node keeps the first; it joins the others (RFC 9110 section 5.3). */
const single = new Set(['authorization', 'host']);

function headersOf(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? ''];
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (!single.has(name)) headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
}
