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

/** What a trusted peer says of the client. */
function forwarded(req: IncomingMessage, direct: Client, isTrusted: AddressSet): Partial<Client> {
  const legacy = list(req.headers['x-forwarded-for']);
  const elements = parseForwarded(list(req.headers['forwarded']).join(','));
  const standard = elements.map((element) => element.for ?? '');
  // A proxy that writes only one of the two passes the client's own word on in the other: when they disagree, neither holds.
  if (legacy.length > 0 && standard.length > 0 && nameOf(legacy.at(-1)) !== nameOf(standard.at(-1))) return {};
  const last = elements.at(-1);
  const proto = list(req.headers['x-forwarded-proto']).at(-1) ?? last?.proto;
  const host = list(req.headers['x-forwarded-host']).at(-1) ?? last?.host;
  return {
    address: outermost(legacy.length > 0 ? legacy : standard, direct.peer, isTrusted),
    ...(proto === 'http' || proto === 'https' ? { scheme: proto } : {}),
    ...(host !== undefined && host !== '' ? { host } : {}),
  };
}

/** What a node is called, whichever of the two fields spells it. */
function nameOf(node = ''): string {
  return forwardedAddress(node) ?? node;
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
