/** Client addresses in one spelling, and the network a client counts as. */
import { isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** As sockets spell it: an IPv4 address in an IPv6 socket's spelling (`::ffff:10.0.0.1`) is the IPv4 address; a zone index is dropped. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const zone = address.indexOf('%');
  return zone === -1 ? address : address.slice(0, zone);
}

/**
 * An address as forwarding headers spell it (`10.0.0.1`, `10.0.0.1:4711`, `[2001:db8::1]:4711`) in the one spelling that sockets have, or
 * undefined for anything else.
 */
export function forwardedAddress(node: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(node)?.[1];
  const bare = bracketed ?? (/^[^:]+:\d+$/.test(node) ? node.slice(0, node.indexOf(':')) : node);
  const kind = isIP(bare);
  if (kind === 0 || (bracketed !== undefined && kind === 4)) return undefined;
  return kind === 4 ? bare : shortest(plainAddress(bare));
}

/** An IPv6 address in its shortest spelling (RFC 5952), an IPv4 address however it was mapped. */
function shortest(address: string): string {
  if (!address.includes(':')) return address;
  const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(spelled) ?? [];
  if (high === undefined || low === undefined) return spelled;
  return [high, low]
    .map((pair) => Number.parseInt(pair, 16))
    .map((pair) => `${pair >> 8}.${pair & 255}`)
    .join('.');
}

/** What anonymous limits count: an IPv4 address, or the /64 of an IPv6 one, which is what one subscriber is given (RFC 6177). */
export function subscriber(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  // A dotted quad at the end stands for two groups.
  const width = (list: string[]) => list.reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0);
  const zeros = tail === undefined ? 0 : 8 - width(groups) - width(rest);
  const all = [...groups, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...rest];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}
