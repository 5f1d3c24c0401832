/** Who may use the registry, and for what: declared callers; peers; and whoever is on its own machine, to read. */
import { isIP, type Socket } from 'node:net';
import type { Context, Middleware } from 'koa';
import { plainAddress } from '../address/address.ts';
import type { AddressSet } from '../address/address-set.ts';
import { Refused } from './refused.ts';
import { isFromPeer } from './replication.ts';

export interface AdmissionParts {
  /** Who may use it. */
  readonly admits: AddressSet;
  /** Who may read it, and replicate. */
  readonly admitsPeer: AddressSet;
  /** By which it may be asked from its own machine, besides `localhost` and addresses; in small letters. */
  readonly names: ReadonlySet<string>;
}

/** Throws Refused 403 for anybody else. */
export function admission({ admits, admitsPeer, names }: AdmissionParts): Middleware {
  return async function admission(ctx, next) {
    const address = addressOf(ctx);
    const reads = ctx.method === 'GET' || ctx.method === 'HEAD';
    // Clients of Eureka send none, browsers with whatever changes something: a page that calls itself by our address too (DNS rebinding).
    if (!reads && ctx.get('origin') !== '') throw new Refused(403, 'No page in a browser may change the registry');
    const readsHere = reads && isHere(address, ctx.req.socket);
    if (!readsHere && !admits(address) && !((reads || isFromPeer(ctx)) && admitsPeer(address)))
      throw new Refused(403, `No caller is configured for ${address}`);
    // Callers too, for a browser has their address when it is on the machine of one.
    if (readsHere && !isOwnName(ctx, names)) throw new Refused(403, NAMES);
    await next();
  };
}

const NAMES = 'Only by an address, as localhost or by a name of its own is it read from its machine';

/** Who asks. */
export const addressOf = (ctx: Context): string => plainAddress(ctx.req.socket.remoteAddress ?? '');

/** The gateways of this machine look here for the endpoints of their services, as anybody on it could, from the address they call. */
function isHere(address: string, { localAddress }: Socket): boolean {
  return address === '127.0.0.1' || address === '::1' || address === plainAddress(localAddress ?? '');
}

/** A strange name that leads here is how a page of a stranger reads in a browser of this machine what it may not (DNS rebinding). */
function isOwnName(ctx: Context, names: ReadonlySet<string>): boolean {
  const name = ctx.get('host').toLowerCase().replace(/:\d*$/, '');
  return name === 'localhost' || names.has(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}
