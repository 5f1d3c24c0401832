/** A hash of text that is the same in every process: for spreading, not for secrets. */

/** The 32-bit offset basis and prime of FNV-1a. */
const BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** FNV-1a over UTF-16 code units. With the state of an earlier call it goes on from there, as if the texts were one. */
export function fnv1a(text: string, state: number = BASIS): number {
  let hash = state;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), PRIME);
  return hash;
}

/**
 * The finalizer of MurmurHash3, as an unsigned 32-bit number. FNV-1a leaves the upper bits of texts that differ in their last
 * letters alike, as addresses do; after this every bit depends on every other.
 */
export function finish(state: number): number {
  let hash = state ^ (state >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
