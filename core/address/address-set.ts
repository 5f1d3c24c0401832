/** Whether an address lies in some ranges: ip-range-check, with its verdicts remembered, for it parses the ranges at every call. */
import ipRangeCheck from 'ip-range-check';
import { LRUCache } from 'lru-cache';

export type AddressSet = (address: string) => boolean;

/** @param ranges addresses and CIDRs, validated at load: ip-range-check is silently false for a malformed one */
export function addressSet(ranges: readonly string[]): AddressSet {
  if (ranges.length === 0) return () => false;
  const verdicts = new LRUCache<string, boolean>({ max: 10_000 });
  const list = [...ranges];
  return (address) => {
    const known = verdicts.get(address);
    if (known !== undefined) return known;
    const verdict = ipRangeCheck(address, list);
    verdicts.set(address, verdict);
    return verdict;
  };
}
