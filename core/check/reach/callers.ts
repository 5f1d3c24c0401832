/** Who is which caller, before and after: by every source address and every name in a certificate. */
import { parseRange, type Range } from '../../config/cidr.ts';
import type { PrivateConfig } from '../../config/schema/index.ts';
import type { Work } from '../turns.ts';
import { type Candidate, type Condition, firsts } from './first.ts';

/** Peers that are the caller `after`, and were the caller `before`; null for no caller at all. */
export interface Identity {
  readonly before: string | null;
  readonly after: string | null;
  /** Where from, `10.0.0.0-10.0.255.255`; several in the order of addresses. */
  readonly from: readonly string[];
}

interface Caller {
  readonly name: string;
  readonly ranges: readonly Range[] | undefined;
  readonly conditions: readonly Condition[];
}

/** Every pair that some peer is, and from where. */
export function* identities(before: PrivateConfig, after: PrivateConfig): Work<readonly Identity[]> {
  const then = callersOf(before);
  const now = callersOf(after);
  const found = new Map<string, { before: string | null; after: string | null; from: { first: bigint; last: bigint; family: 4 | 6 }[] }>();
  for (const family of [4, 6] as const) {
    for (const [first, last] of intervals(family, [...then, ...now])) {
      yield;
      const here = (list: readonly Caller[]) => list.flatMap((caller) => candidate(caller, family, first));
      const add = (one: string | null, other: string | null) => {
        const key = JSON.stringify([one, other]);
        const pair = found.get(key) ?? { before: one, after: other, from: [] };
        found.set(key, pair);
        const previous = pair.from.at(-1);
        if (previous?.family === family && previous.last + 1n >= first) previous.last = last;
        else pair.from.push({ first, last, family });
      };
      yield* firsts(here(then), here(now), add, 4096 + 4 * (then.length + now.length));
    }
  }
  return [...found.values()].map((pair) => ({ ...pair, from: pair.from.map(({ first, last, family }) => written(first, last, family)) }));
}

/**
 * Without authorities that sign certificates nobody has a name in one; with them, whoever has no certificate gets no connection, and
 * is nobody, whatever the address.
 */
function callersOf({ callers, listen: { tls } }: PrivateConfig): readonly Caller[] {
  const signed: Condition[] = tls?.clientCa === undefined ? [] : [{ key: 'a certificate', subject: 'a certificate' }];
  return Object.entries(callers).flatMap(([name, { from, certificate }]) => {
    if (certificate !== undefined && tls?.clientCa === undefined) return [];
    const key = `certificate ${certificate?.toLowerCase()}`;
    const conditions = certificate === undefined ? signed : [...signed, { key, subject: key }];
    return [{ name, ranges: from?.map(rangeOf), conditions }];
  });
}

function rangeOf(text: string): Range {
  const range = parseRange(text);
  if (typeof range === 'string') throw new TypeError(`${text} is no range: ${range}`);
  return range;
}

function candidate({ name, ranges, conditions }: Caller, family: 4 | 6, address: bigint): Candidate<string>[] {
  const fits = ranges?.some((range) => range.family === family && range.first <= address && address <= range.last) ?? true;
  return fits ? [{ of: name, conditions }] : [];
}

/** All addresses, cut where a range begins or ends. */
function* intervals(family: 4 | 6, callers: readonly Caller[]): Generator<readonly [bigint, bigint]> {
  const end = 1n << (family === 4 ? 32n : 128n);
  const own = callers.flatMap(({ ranges = [] }) => ranges).filter((range) => range.family === family);
  const starts = [...new Set([0n, end, ...own.flatMap(({ first, last }) => [first, last + 1n])])].sort((a, b) =>
    a < b ? -1 : a > b ? 1 : 0,
  );
  for (const [at, first] of starts.entries()) {
    const next = starts[at + 1];
    if (next !== undefined) yield [first, next - 1n];
  }
}

/** A range in CIDR where it is one, otherwise its first and last address. */
function written(first: bigint, last: bigint, family: 4 | 6): string {
  const size = last - first + 1n;
  const whole = (size & (size - 1n)) === 0n && first % size === 0n;
  if (!whole) return `${address(first, family)}-${address(last, family)}`;
  const bits = (family === 4 ? 32 : 128) - (size.toString(2).length - 1);
  return size === 1n ? address(first, family) : `${address(first, family)}/${bits}`;
}

function address(value: bigint, family: 4 | 6): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16));
  return rangeOf(groups.join(':')).canonical;
}
