/**
 * What of a request may be remembered: its path, the names of its fields and of its query, and of their values those that no
 * secret is sent in, and those that the configuration matches on, unless their name speaks of one.
 */
import type { IncomingMessage } from 'node:http';
import type { RouteConfig } from '../config/schema/index.ts';
import { ownCopy } from '../own-copy.ts';

export interface CleanRequest {
  readonly target: string;
  /** Flat: name, value. */
  readonly headers: readonly string[];
  readonly leftOut: readonly string[];
}

const HARMLESS = new Set(
  `accept accept-charset accept-encoding accept-language access-control-request-headers access-control-request-method
  cache-control connection content-encoding content-length content-type date dnt expect forwarded host if-match if-modified-since
  if-none-match if-range if-unmodified-since keep-alive max-forwards origin pragma prefer priority range sec-ch-ua sec-ch-ua-mobile
  sec-ch-ua-platform sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-websocket-version te traceparent trailer
  transfer-encoding upgrade user-agent via x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto
  x-gateway-attempts x-gateway-caller x-real-ip x-request-id x-requested-with`.split(/\s+/),
);

const SECRET =
  /auth|cookie|token|secret|passw|pwd|key|session|sid$|signature|^sig$|credential|jwt|bearer|otp|^pin$|^code$|nonce|csrf|xsrf/i;

/** They have hosts, before which somebody may have written a name and a password. */
const AUTHORITIES = new Set(['forwarded', 'host', 'origin', 'via', 'x-forwarded-host']);

/** Whether what has this name may be one. */
export const speaksOfSecrets = (name: string): boolean => SECRET.test(name);

/** In place of a value. */
export const LEFT_OUT = '***';
/** Characters of a value, and of a path. */
const LONGEST = 256;
const LONGEST_PATH = 2048;
/** Fields, and parameters of the query. */
const MOST = 100;

export function cleaning(routes: readonly RouteConfig[]): (req: Pick<IncomingMessage, 'url' | 'rawHeaders'>) => CleanRequest {
  const matches = routes.flatMap(({ match, split = [] }) => [match, ...split.flatMap((branch) => branch.match ?? [])]);
  const fields = new Set(matches.flatMap(({ headers = {} }) => Object.keys(headers)).map((name) => name.toLowerCase()));
  const parameters = new Set(matches.flatMap(({ queryParams = {} }) => Object.keys(queryParams)));

  return function clean({ url = '', rawHeaders }) {
    const leftOut = new Set<string>();
    const headers: string[] = [];
    for (let at = 0; at < Math.min(rawHeaders.length, 2 * MOST); at += 2) {
      const name = short(rawHeaders[at] ?? '');
      // What HTTP/2 says of the request line is told apart from the fields.
      if (name.startsWith(':')) continue;
      const lower = name.toLowerCase();
      const value = rawHeaders[at + 1] ?? '';
      const kept = HARMLESS.has(lower) ? !(AUTHORITIES.has(lower) && value.includes('@')) : fields.has(lower) && !SECRET.test(lower);
      if (!kept) leftOut.add(`header ${lower}`);
      const shape = kept ? undefined : shapes[lower];
      headers.push(name, kept ? short(value) : shape ? ownCopy(shape(value)) : LEFT_OUT);
    }
    const target = withoutUserinfo(url);
    const mark = target.indexOf('?');
    const path = ownCopy((mark === -1 ? target : target.slice(0, mark)).slice(0, LONGEST_PATH));
    const query = mark === -1 ? '' : `?${cleanQuery(target.slice(mark + 1), parameters, leftOut)}`;
    return { target: path + query, headers, leftOut: [...leftOut] };
  };
}

/** Of these the shape is kept, which tells where a token was looked for. */
const shapes: Readonly<Record<string, (value: string) => string>> = {
  authorization: (value) =>
    /^(?:bearer|basic|digest|negotiate|dpop) +[^ ]/i.test(value) ? `${value.split(' ', 1)[0]} ${LEFT_OUT}` : LEFT_OUT,
  cookie: (value) =>
    value
      .split(';', MOST)
      .map((pair) => (hasValue(pair) ? `${pair.slice(0, pair.indexOf('=')).trim().slice(0, LONGEST)}=${LEFT_OUT}` : LEFT_OUT))
      .join('; '),
};

/** What has none may be one itself, also with the equals signs that base64 ends in. */
const hasValue = (pair: string): boolean => /=[^=\s]/.test(pair);

function cleanQuery(query: string, parameters: ReadonlySet<string>, leftOut: Set<string>): string {
  const pairs = query.split('&', MOST).map((pair) => {
    const equals = pair.indexOf('=');
    const written = (equals === -1 ? pair : pair.slice(0, equals)).slice(0, LONGEST);
    const name = decoded(written);
    const matched = name !== undefined && parameters.has(name) && !SECRET.test(name);
    if (matched || pair === '') return pair.slice(0, 2 * LONGEST);
    if (name === undefined || !hasValue(pair)) {
      leftOut.add('query');
      return LEFT_OUT;
    }
    leftOut.add(`query ${ownCopy(name)}`);
    return `${written}=${LEFT_OUT}`;
  });
  return ownCopy(pairs.join('&'));
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** A target may have an authority with credentials before the host, or with what is no port behind it. */
const withoutUserinfo = (target: string): string =>
  target.startsWith('/') && target[1] !== '/'
    ? target
    : target.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/)(?:[^/]*@)?([^/?#]*)/i, (_, front: string, host: string) =>
        /^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/.test(host) ? front + host : front + LEFT_OUT,
      );

/** The host that a request is for, as it may be remembered. */
export const cleanHost = (host: string): string => (host.includes('@') ? LEFT_OUT : host);

const short = (text: string): string => (text.length > LONGEST ? ownCopy(text.slice(0, LONGEST)) : text);
