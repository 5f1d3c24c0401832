/** A request as somebody describes it, on a command line or to the admin port, made into what node would hand over. */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { plainAddress } from '../address/address.ts';
import type { Principal } from '../identity.ts';
import { canonicalHost } from '../routing/canonical-host.ts';

export interface DescribedRequest {
  readonly method: string;
  /** As it would stand in the request line. */
  readonly target: string;
  /** As the Host field would have it. */
  readonly host: string;
  /** Undefined where only a path was given. */
  readonly scheme: 'http' | 'https' | undefined;
  readonly headers: IncomingHttpHeaders;
  /** With the Host. */
  readonly rawHeaders: readonly string[];
  /** The address of who holds the connection. */
  readonly from?: string | undefined;
  /** The name in the certificate that was shown and verified. */
  readonly certificate?: string | undefined;
  /** Of a token that was verified. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Who asks, where that has been found out before. */
  readonly principal?: Principal | undefined;
}

/** As it comes: nothing is checked yet. */
export interface Description {
  readonly method?: unknown;
  /** A path, or a whole URL. */
  readonly url?: unknown;
  /** By name, a value or a list of them; or name, value, name, value. */
  readonly headers?: unknown;
  readonly as?: unknown;
  readonly from?: unknown;
  readonly certificate?: unknown;
}

export interface DescriptionFault {
  /** A JSON pointer as the fragment of a URI (RFC 6901 section 6). */
  readonly pointer: string;
  readonly detail: string;
}

/** Says all that is wrong with a description. */
export class Undescribed extends Error {
  readonly faults: readonly DescriptionFault[];

  constructor(faults: readonly DescriptionFault[]) {
    super(faults.map(({ detail }) => detail).join('; '));
    this.name = 'Undescribed';
    this.faults = faults;
  }
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no field has
const unspeakable = /[\x00-\x08\x0a-\x1f\x7f]/;
const known = new Set(['method', 'url', 'headers', 'as', 'from', 'certificate']);

/** @throws Undescribed */
export function describedRequest(description: Description): DescribedRequest {
  const faults: DescriptionFault[] = [];
  const fault = (key: string, detail: string) => void faults.push({ pointer: `#/${key}`, detail });
  const { method, url, as, from, certificate } = description;
  for (const key of Object.keys(description)) if (!known.has(key)) fault(key, `${key} is not part of a description`);
  if (typeof method !== 'string' || !token.test(method)) fault('method', `${shown(method)} is not a method`);
  if (typeof url !== 'string' || !isUrl(url)) fault('url', `${shown(url)} is neither a path nor an http or https URL`);
  if (as !== undefined && !(isObject(as) && isShallow(as))) fault('as', `as is not an object of claims, at most ${MAX_DEPTH} deep`);
  if (from !== undefined && (typeof from !== 'string' || isIP(from) === 0)) fault('from', `${shown(from)} is not an address`);
  if (certificate !== undefined && (typeof certificate !== 'string' || !/^[^\s,]+$/.test(certificate)))
    fault('certificate', `${shown(certificate)} is not a name`);
  const given = rawHeadersOf(description.headers, fault);
  if (faults.length > 0) throw new Undescribed(faults);
  const request = requestOf(String(method), String(url), given);
  try {
    canonicalHost(request.host);
  } catch {
    throw new Undescribed([{ pointer: '#/headers', detail: `${request.host} is not a host` }]);
  }
  return {
    ...request,
    ...(typeof from === 'string' ? { from: plainAddress(from) } : {}),
    ...(typeof certificate === 'string' ? { certificate } : {}),
    ...(isObject(as) ? { claims: as } : {}),
  };
}

/** In messages: what somebody sent may be long, and anything. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? value.slice(0, 100) : value === undefined ? 'nothing' : 'what is no text';

/** As deep as a token may be (token-shape.ts). */
const MAX_DEPTH = 16;

function isShallow(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth < MAX_DEPTH && Object.values(value).every((inner) => isShallow(inner, depth + 1));
}

const URL_FORM = /^(https?):\/\/([^/?#]+)(.*)$/is;
/** Of anything else, as of a space, no request line is made. */
const isUrl = (url: string): boolean => /^[\x21-\x7e]+$/.test(url) && (url.startsWith('/') || URL_FORM.test(url));

function requestOf(method: string, url: string, given: readonly string[]): DescribedRequest {
  const [, scheme, authority, rest = ''] = URL_FORM.exec(url) ?? [];
  const headers = headersOf(given);
  const host = headers.host ?? authority ?? 'localhost';
  return {
    method,
    target: authority === undefined ? url : rest.startsWith('/') ? rest : `/${rest}`,
    host,
    scheme: scheme === undefined ? undefined : scheme.toLowerCase() === 'https' ? 'https' : 'http',
    headers: { ...headers, host },
    rawHeaders: headers.host === undefined ? ['Host', host, ...given] : given,
  };
}

function rawHeadersOf(headers: unknown, fault: (key: string, detail: string) => void): string[] {
  if (headers === undefined) return [];
  const pairs = pairsOf(headers);
  if (!pairs) fault('headers', 'headers is not an object of header fields');
  return (pairs ?? []).flatMap(([name, value]) => {
    const said = typeof value === 'number' ? String(value) : value;
    if (!token.test(name) || typeof said !== 'string' || unspeakable.test(said)) {
      fault('headers', `${shown(name)} is not a header field: write 'name: value'`);
      return [];
    }
    const lawful = lawfulIn[name.toLowerCase()];
    if (lawful && !lawful.test(said)) fault('headers', `${name}: ${shown(said)} is refused by the server itself, before any step`);
    return [name, said];
  });
}

/** What node's server lets through to a handler. */
const lawfulIn: Readonly<Record<string, RegExp>> = Object.assign(Object.create(null), {
  'content-length': /^\d+$/,
  expect: /^100-continue$/i,
});

function pairsOf(headers: unknown): [string, unknown][] | undefined {
  if (Array.isArray(headers)) {
    const all = headers.every((text) => typeof text === 'string');
    return all && headers.length % 2 === 0
      ? headers.flatMap((name: string, at) => (at % 2 === 0 ? [[name, headers[at + 1]] as [string, unknown]] : []))
      : undefined;
  }
  if (!isObject(headers)) return undefined;
  return Object.entries(headers).flatMap(([name, value]): [string, unknown][] =>
    Array.isArray(value) ? value.map((one) => [name, one]) : [[name, value]],
  );
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of these that a pipeline reads node keeps the first; it joins the others (RFC 9110 section 5.3). */
const single = new Set(['authorization', 'host']);

export function headersOf(rawHeaders: readonly string[]): IncomingHttpHeaders {
  const headers: Record<string, string> = Object.create(null);
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name, value] = [(rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? ''];
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (!single.has(name)) headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return headers;
}
