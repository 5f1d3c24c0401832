/**
 * A text packed piece by piece on the event loop. A stream of zlib's packs on a thread of its own, which takes the only core that a
 * gateway may have for milliseconds on end, as the scheduler likes; here whoever adds a piece decides when requests have their turn.
 *
 * One member of gzip (RFC 1952, section 2.2), for of several some clients read only the first. In it are blocks of DEFLATE (RFC 1951,
 * section 3.2.3), which may stand one after the other: those of a piece refer to nothing before it, and end on a byte with an empty
 * stored block (section 3.2.4), which is what zlib does at a flush. None of them says that it is the last; an empty one does.
 */
import { constants, crc32, deflateRawSync } from 'node:zlib';
import type { ByteText } from './byte-text.ts';

/** Bytes taken for the output of a piece, at a time: most need no more, and what is taken is garbage afterwards, which some megabytes of bring on a collection. */
const OUTPUT = 4 * 1024 - 1;

/** Level 1 is the fastest: it is the same few words over and over, of which the best makes a third less in five times the time. */
const OPTIONS = { level: 1, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: OUTPUT };

/** RFC 1952, section 2.3: ID1, ID2, CM deflate, no flags, no time, XFL the fastest, OS unknown. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** RFC 1951, section 3.2.6: BFINAL, fixed codes, and the one that ends a block. */
const LAST_BLOCK = Buffer.from([3, 0]);

export interface GzipPieces {
  /** Packs it before it returns: some 30 µs for each piece, and 1 to 2 for each KiB of it. */
  add(piece: Uint8Array): void;
  /** After the last. */
  end(): void;
}

/** @param into is written to by each call; it may be cleared in between */
export function gzipInto(into: ByteText): GzipPieces {
  let checksum = 0;
  let size = 0;
  into.bytes(HEADER);
  return {
    add(piece) {
      checksum = crc32(piece, checksum);
      size += piece.length;
      into.bytes(deflateRawSync(piece, OPTIONS));
    },
    end() {
      into.bytes(LAST_BLOCK);
      // RFC 1952, section 2.3.1: CRC32, and ISIZE modulo 2^32.
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(checksum, 0);
      trailer.writeUInt32LE(size >>> 0, 4);
      into.bytes(trailer);
    },
  };
}
