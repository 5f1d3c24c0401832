/** A large text as the parts it is put together from, of which many are kept for the next time. */
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';

/** Bytes, or text of nothing but ASCII, for what is too short to be worth bytes of its own. */
export type Part = Buffer | string;

/** Bytes compressed at a time, away from the event loop. */
const PIECE = 128 * 1024;

/** 1 to 9: beyond it costs far more and is hardly smaller. */
const LEVEL = 6;

export function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

export function joined(parts: readonly Part[]): Buffer {
  const whole = Buffer.allocUnsafe(sizeOf(parts));
  let at = 0;
  for (const part of parts) at += put(part, whole, at);
  return whole;
}

/** Compresses it piece by piece: the whole, plain, is never in memory. */
export async function compressed(parts: readonly Part[]): Promise<Buffer> {
  const gzip = createGzip({ level: LEVEL, chunkSize: PIECE });
  const result = buffer(gzip);
  const write = promisify<Buffer, void>(gzip.write.bind(gzip));
  // One for all pieces, since each is done with when it is written.
  let piece = Buffer.allocUnsafe(PIECE);
  let size = 0;
  for (const part of parts) {
    if (size + part.length > piece.length) {
      await write(piece.subarray(0, size));
      size = 0;
    }
    if (part.length > piece.length) piece = Buffer.allocUnsafe(part.length);
    size += put(part, piece, size);
  }
  gzip.end(piece.subarray(0, size));
  return result;
}

function put(part: Part, into: Buffer, at: number): number {
  return typeof part === 'string' ? into.write(part, at, 'latin1') : part.copy(into, at);
}
