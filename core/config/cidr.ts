/**
 * Address ranges, read strictly. ip-range-check answers false, without a word, for a range that it cannot read, so every
 * range is read here first; what passes is what it understands.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface Range {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  /** The range as it should be written: without bits beyond the prefix. */
  readonly canonical: string;
  /** Whether the address had bits set beyond the prefix: `10.0.0.1/8`. */
  readonly hostBits: boolean;
}

/** A single address or a CIDR range; what is wrong with it, otherwise. An IPv4-mapped one is the IPv4 range it stands for. */
export function parseRange(text: string): Range | string {
  const [address = '', prefixText, ...more] = text.split('/');
  if (more.length > 0) return 'it has two slashes';
  if (address.includes('%')) return 'an address with a zone (%) is not a range';
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : null;
  if (family === null) return `${address === '' ? 'nothing' : address} is not an IPv4 or IPv6 address`;
  const bits = family === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^(0|[1-9]\d{0,2})$/.test(prefixText)) return `the prefix length is a whole number from 0 to ${bits}`;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return `the prefix length of an IPv${family} range is at most ${bits}`;
  const value = family === 4 ? ipv4Value(address) : ipv6Value(address);
  const mapped = family === 6 && value >> 32n === 0xffffn;
  if (mapped && prefix < 96) return 'an IPv4-mapped range has a prefix length of at least 96; write the IPv4 range instead';
  return mapped
    ? range(4, value & 0xffffffffn, prefix - 96, prefixText !== undefined)
    : range(family, value, prefix, prefixText !== undefined);
}

function range(family: 4 | 6, value: bigint, prefix: number, written: boolean): Range {
  const free = BigInt((family === 4 ? 32 : 128) - prefix);
  const first = (value >> free) << free;
  const last = first | ((1n << free) - 1n);
  const address = family === 4 ? formatIpv4(first) : formatIpv6(first);
  return { family, first, last, hostBits: first !== value, canonical: written ? `${address}/${prefix}` : address };
}

export const contains = (outer: Range, inner: Range): boolean =>
  outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;

function ipv4Value(address: string): bigint {
  return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function ipv6Value(address: string): bigint {
  // A dotted tail is the last two groups.
  const dotted = /(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  const tail = dotted?.[2] === undefined ? null : ipv4Value(dotted[2]);
  const plain = tail === null ? address : `${dotted?.[1] ?? ''}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = '', rest] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = rest === undefined || rest === '' ? [] : rest.split(':');
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

const formatIpv4 = (value: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');

function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  // RFC 5952: the longest run of zeros, the first of equals, and never a single one.
  const runs = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort(
    (a, b) => b[0].replace(/^:/, '').length - a[0].replace(/^:/, '').length,
  );
  const [run] = runs;
  if (run === undefined) return groups.join(':');
  const text = groups.join(':');
  return `${text.slice(0, run.index)}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}
