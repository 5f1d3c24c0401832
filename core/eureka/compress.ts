/** Compression of what is large and in many small parts, a piece at a time: the whole, plain, is never in memory. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGzip } from 'node:zlib';

/** Bytes compressed at once, away from the event loop. */
const PIECE = 128 * 1024;

/** 1 to 9: beyond it costs far more and is hardly smaller. */
const LEVEL = 6;

export function compress(parts: readonly Buffer[]): Promise<Buffer> {
  return buffer(
    Readable.from(pieces(parts), { objectMode: false, highWaterMark: PIECE }).pipe(createGzip({ level: LEVEL, chunkSize: PIECE })),
  );
}

function* pieces(parts: readonly Buffer[]): Iterable<Buffer> {
  let [from, size] = [0, 0];
  for (const [at, part] of parts.entries()) {
    size += part.length;
    if (size < PIECE) continue;
    yield Buffer.concat(parts.slice(from, at + 1), size);
    [from, size] = [at + 1, 0];
  }
  if (size > 0) yield Buffer.concat(parts.slice(from), size);
}
