/**
 * Who the client is: the peer itself, or, when the peer is a trusted proxy, whom it names in `X-Forwarded-*` or `Forwarded`
 * (RFC 7239). Anything else that claims to be forwarded is somebody's invention.
 */
import type { IncomingMessage } from 'node:http';
import { forwardedAddress, plainAddress } from '../address/address.ts';
import { type AddressSet, addressSet } from '../address/address-set.ts';
import type { Client, Middleware } from '../context.ts';
import { parseForwarded } from './forwarded.ts';

/** @param trustedProxies addresses and CIDRs of the proxies in front of this gateway */
export function clientAddress(trustedProxies: readonly string[]): Middleware {
  const isTrusted = addressSet(trustedProxies);
  return function clientAddress(ctx, next) {
    const { req } = ctx;
    const peer = plainAddress(req.socket.remoteAddress ?? '');
    const trusted = isTrusted(peer);
    const direct: Client = { address: peer, peer, trusted, scheme: 'encrypted' in req.socket ? 'https' : 'http', host: hostOf(req) };
    ctx.state.client = trusted ? { ...direct, ...forwarded(req, direct, isTrusted) } : direct;
    return next();
  };
}

/** The Host as sent; HTTP/2 calls it :authority. Validated with the target (canonical-path.ts). */
function hostOf(req: IncomingMessage): string {
  const authority = req.headers[':authority'];
  return (typeof authority === 'string' ? authority : req.headers.host) ?? '';
}

/**
 * What a trusted peer says of the client. A proxy that writes only one of the two spellings passes the client's own word on in
 * the other, and nobody can tell which: where both are there, they must name one client, whose scheme and host are then read
 * from `X-Forwarded-*` alone, for a client can name itself truly in `Forwarded` and lie in the rest of it. A single
 * `X-Forwarded-Host` or `-Proto` that the proxy passes on unread is beyond help here: it has to write or drop them.
 */
function forwarded({ headers }: IncomingMessage, direct: Client, isTrusted: AddressSet): Partial<Client> {
  const legacy = list(headers['x-forwarded-for']);
  const field = list(headers['forwarded']).join(', ');
  const elements = parseForwarded(field);
  const last = elements.at(-1);
  // To ignore what is malformed would let a client choose which of the two is read.
  if (field !== '' && last === undefined) return { contradictory: true };
  const standard = elements.map((element) => element.for ?? '');
  const address = outermost(legacy.length > 0 ? legacy : standard, direct.peer, isTrusted);
  if (legacy.length === 0 && last !== undefined) return { address, ...origin(last.proto, last.host), forwarded: field };
  const said = { proto: list(headers['x-forwarded-proto']).at(-1), host: list(headers['x-forwarded-host']).at(-1) };
  const believed: Partial<Client> = { address, ...origin(said.proto, said.host) };
  if (last === undefined) return believed;
  if (last.for !== undefined && outermost(standard, direct.peer, isTrusted) !== address) return { contradictory: true };
  if (differ(last.proto, said.proto) || differ(last.host, said.host)) return { contradictory: true };
  // Services read the rest of Forwarded too.
  const holds = !differ(last.proto, believed.scheme ?? direct.scheme) && !differ(last.host, believed.host ?? direct.host);
  return holds ? { ...believed, forwarded: field } : believed;
}

function origin(proto: string | undefined, host: string | undefined): Partial<Client> {
  return {
    ...(proto === 'http' || proto === 'https' ? { scheme: proto } : {}),
    ...(host !== undefined && host !== '' ? { host } : {}),
  };
}

/** Whether both say something, and not the same; neither schemes nor hosts have a case. */
function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one.toLowerCase() !== other.toLowerCase();
}

/** From the nearest hop outwards, the first that is not one of ours; what stands beyond it is hearsay. */
function outermost(hops: readonly string[], peer: string, isTrusted: AddressSet): string {
  let address = peer;
  for (const hop of hops.toReversed()) {
    const named = forwardedAddress(hop);
    if (named === undefined) return address;
    address = named;
    if (!isTrusted(named)) return address;
  }
  return address;
}

function list(field: string | string[] | undefined): string[] {
  if (field === undefined) return [];
  return String(field)
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
