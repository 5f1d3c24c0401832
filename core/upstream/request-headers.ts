/**
 * The fields a service receives: the client's end-to-end fields, without what only a gateway may say, and with what it says:
 * who the client is (RFC 7239 and X-Forwarded-*), who asked, by which way (Via), under which id.
 */
import type { IncomingMessage } from 'node:http';
import type { Client, Principal } from '../identity.ts';
import { Problem } from '../problem.ts';
import { canonicalHost } from '../routing/canonical-host.ts';
import { isHopByHop, listedInConnection } from './hop-by-hop.ts';

export interface RequestHeaderOptions {
  /** The gateway's name, in Via and Forwarded. */
  name: string;
  /** Whether a user's name and every field with an underscore, which some services take for a hyphen, are dropped. */
  edge: boolean;
}

export interface RequestFacts {
  req: IncomingMessage;
  client: Client;
  principal: Principal;
  requestId: string;
  hasBody: boolean;
  /** Whether `baggage` of the caller is passed on. */
  trustsBaggage: boolean;
}

/** Written anew here, or by a layer below; whatever the client said of them is dropped. */
const OURS = new Set([
  'host',
  'expect',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-real-ip',
  'x-request-id',
  'traceparent',
  'tracestate',
  'proxy-status',
  'x-postern-debug',
]);

/** @throws Problem `loop` when Via has this gateway's own name; `invalid-host` */
export function requestHeaders(facts: RequestFacts, { name: gateway, edge }: RequestHeaderOptions): string[] {
  const { req, client } = facts;
  const { rawHeaders, headers } = req;
  const listed = listedInConnection(headers.connection);
  const fields: string[] = [];
  let cookie = '';
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const field = rawHeaders[at] as string;
    const lower = field.toLowerCase();
    const underscored = lower.includes('_');
    if (underscored && edge) continue;
    // CGI and its heirs (WSGI, Rack, PHP) know `x_real_ip` and `x-real-ip` by one name: what is ours is so in both spellings.
    const name = underscored ? lower.replaceAll('_', '-') : lower;
    if (OURS.has(name) || isHopByHop(name) || lower.startsWith(':') || listed?.has(lower) || isIdentity(name, edge)) continue;
    if (lower === 'content-length' && !facts.hasBody) continue;
    if (lower === 'baggage' && !facts.trustsBaggage) continue;
    // Prefix, Server, Ssl and what else services have been taught to believe.
    if (!client.trusted && name.startsWith('x-forwarded-')) continue;
    // HTTP/2 may split cookies; HTTP/1.1 has one field (RFC 9113 section 8.2.3).
    if (lower === 'cookie') cookie = cookie === '' ? (rawHeaders[at + 1] as string) : `${cookie}; ${rawHeaders[at + 1]}`;
    else fields.push(field, rawHeaders[at + 1] as string);
  }
  if (cookie !== '') fields.push('cookie', cookie);
  if (headers.te !== undefined && /\btrailers\b/i.test(String(headers.te))) fields.push('te', 'trailers');
  fields.push('via', via(req, gateway), 'x-request-id', facts.requestId);
  forwarding(fields, req, client, gateway);
  identity(fields, facts.principal);
  return fields;
}

/** Fields by which a gateway tells who asked: a client may not say them. Inside, a service may hand on the user it acts for. */
function isIdentity(name: string, edge: boolean): boolean {
  return name.startsWith('x-gateway-') || (edge && name === 'x-user-id');
}

function identity(fields: string[], principal: Principal): void {
  if (principal.kind === 'user') fields.push('x-user-id', asField(principal.subject));
  if (principal.kind === 'caller') fields.push('x-gateway-caller', principal.name);
}

/** A name as a field can carry it: percent-encoded when it has anything but plain ASCII, or a percent sign of its own. */
function asField(name: string): string {
  return /^[\x21-\x24\x26-\x7e]*$/.test(name) ? name : encodeURIComponent(name.toWellFormed());
}

function via({ headers, httpVersion }: IncomingMessage, name: string): string {
  const earlier = headers['via'];
  const version = httpVersion === '2.0' ? '2' : httpVersion;
  if (earlier === undefined) return `${version} ${name}`;
  if (
    String(earlier)
      .split(',')
      .some((hop) => hop.trim().split(/\s+/)[1] === name)
  )
    throw new Problem('loop');
  return `${earlier}, ${version} ${name}`;
}

function forwarding(fields: string[], req: IncomingMessage, client: Client, name: string): void {
  const { peer, trusted, scheme, host } = client;
  const addresses = trusted ? req.headers['x-forwarded-for'] : undefined;
  const earlier = (chain: unknown) => (chain === undefined ? '' : `${chain}, `);
  const node = peer.includes(':') ? `"[${peer}]"` : peer;
  const named = host === '' ? undefined : canonicalHost(host).port;
  const port = named === undefined ? (scheme === 'https' ? '443' : '80') : String(named);
  fields.push(
    'x-forwarded-for',
    `${earlier(addresses)}${peer}`,
    'x-forwarded-proto',
    scheme,
    'x-forwarded-host',
    host,
    'x-forwarded-port',
    port,
    'forwarded',
    `${earlier(client.forwarded)}for=${node};proto=${scheme};host="${host}";by=_${name}`,
  );
}
