/**
 * Memory for the pieces of bodies. What came is read where every connection reads, and copied from there for whoever takes it. A new
 * buffer for each large piece is memory outside of the heap, of which so much comes by that it brings on one collection of the whole heap after
 * the other: two fifths of the time of answers of a megabyte. So a buffer is used again, where it is given back.
 */

/** A piece that is smaller is cut from node's own pool. */
const SMALLEST = 4 * 1024;
/** As much as a connection reads at once (endpoint/connector.ts). */
export const LARGEST = 128 * 1024;

/** Bytes that wait to be used again. */
const MOST_FREE = 8 * 1024 * 1024;

/** Those that are free, by the power of two that their size is: one is never more than twice as large as what is in it. */
const free: Buffer[][] = Array.from({ length: Math.log2(LARGEST) + 1 }, () => []);
let bytesFree = 0;

/** The buffer of each piece that may be given back. */
const borrowed = new WeakMap<Buffer, Buffer>();

/** @returns a copy of bytes that are good only for the moment: it may be kept for ever, or be given back */
export function copied(bytes: Buffer): Buffer {
  if (bytes.length < SMALLEST || bytes.length > LARGEST) return Buffer.from(bytes);
  const power = 32 - Math.clz32(bytes.length - 1);
  const buffer = free[power]?.pop();
  if (buffer) bytesFree -= buffer.length;
  const whole = buffer ?? Buffer.allocUnsafeSlow(1 << power);
  bytes.copy(whole);
  const piece = whole.subarray(0, bytes.length);
  borrowed.set(piece, whole);
  return piece;
}

/** Nobody has the piece any more, whoever made it: its memory may be used for another one. */
export function giveBack(piece: Buffer): void {
  const whole = borrowed.get(piece);
  if (!whole) return;
  borrowed.delete(piece);
  if (bytesFree + whole.length > MOST_FREE) return;
  bytesFree += whole.length;
  free[Math.log2(whole.length)]?.push(whole);
}
