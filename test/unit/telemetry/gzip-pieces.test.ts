import { createHash } from 'node:crypto';
import { crc32, gunzipSync, type InflateRaw, inflateRawSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { ByteText } from '../../../core/telemetry/byte-text.ts';
import { gzipInto } from '../../../core/telemetry/gzip-pieces.ts';

const HEADER = 10;
const TRAILER = 8;

function packed(pieces: readonly Uint8Array[]): Buffer {
  const into = new ByteText(16);
  const gzip = gzipInto(into);
  for (const piece of pieces) gzip.add(piece);
  gzip.end();
  return into.written;
}

/** Noise, which does not get smaller, and the same few bytes over and over, which is what there is to pack. */
const noise = fc.uint8Array({ maxLength: 300 });
const repeated = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat({ max: 100_000 }))
  .map(([word, length]) => new Uint8Array(Buffer.alloc(length, word)));
const anyPieces = fc.array(fc.oneof(noise, repeated, fc.constant(new Uint8Array(0))), { maxLength: 8 });

describe('gzip in pieces', () => {
  it('is the text, whatever it was cut into', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        expect(gunzipSync(packed(pieces)).equals(Buffer.concat(pieces))).to.equal(true);
      }),
    );
  });

  it('is one member that ends where the stream does, with checksum and size of the whole', () => {
    fc.assert(
      fc.property(anyPieces, (pieces) => {
        const [stream, text] = [packed(pieces), Buffer.concat(pieces)];
        expect([...stream.subarray(0, HEADER)]).to.deep.equal([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);
        // It stops behind the first block that says it is the last. The types know nothing of `info`.
        const inflated: unknown = inflateRawSync(stream.subarray(HEADER), { info: true });
        const { buffer, engine } = inflated as { buffer: Buffer; engine: InflateRaw };
        expect(buffer.equals(text)).to.equal(true);
        expect(engine.bytesWritten).to.equal(stream.length - HEADER - TRAILER);
        expect(stream.readUInt32LE(stream.length - 8)).to.equal(crc32(text));
        expect(stream.readUInt32LE(stream.length - 4)).to.equal(text.length);
      }),
    );
  });

  it('is an empty text of no pieces', () => {
    const stream = packed([]);
    expect(gunzipSync(stream)).to.have.length(0);
    expect(stream).to.have.length(HEADER + 2 + TRAILER);
  });

  it('bears what gets no smaller, of more than zlib hands out at a time', () => {
    const pieces = ['one', 'other'].map((seed) => createHash('shake256', { outputLength: 100_000 }).update(seed).digest());
    const stream = packed(pieces);
    expect(stream.length).to.be.above(200_000);
    expect(gunzipSync(stream).equals(Buffer.concat(pieces))).to.equal(true);
  });

  it('has packed each piece once it is added, without a word of those before it', () => {
    const into = new ByteText(16);
    const parts: Buffer[] = [];
    const keep = () => {
      const part = Buffer.from(into.written);
      parts.push(part);
      into.clear();
      return part;
    };
    const gzip = gzipInto(into);
    keep();
    const text = 'the same again '.repeat(1_000);
    for (const _ of [1, 2]) {
      gzip.add(Buffer.from(text));
      expect(inflateRawSync(Buffer.concat([keep(), Buffer.from([3, 0])])).toString()).to.equal(text);
    }
    gzip.end();
    keep();
    expect(gunzipSync(Buffer.concat(parts)).toString()).to.equal(text.repeat(2));
  });
});
