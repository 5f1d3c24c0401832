/** The chunked transfer coding (RFC 9112 section 7.1), taken apart as it comes. Lines end in CRLF and nothing else. */
import { readFields, TOKEN } from './fields.ts';
import { malformed, WireError } from './wire-error.ts';

/** Bytes of the extensions of a chunk, which mean nothing here, there may be so many (RFC 9112 section 7.1.1). */
const LONGEST_EXTENSIONS = 4 * 1024;

/** Bytes of the trailer section. */
const LARGEST_TRAILERS = 64 * 1024;

/** Hexadecimal digits of a size: so many make a number that is exact. */
const MOST_DIGITS = 13;

/** Without the whitespace that RFC 9112 section 7.1.1 has recipients bear: nobody sends it, and not everybody bears it. */
const EXTENSIONS = new RegExp(
  `^(?:;${TOKEN}(?:=(?:${TOKEN}|"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t\\x20-\\x7e\\x80-\\xff])*"))?)+$`,
);

const LF = 10;
const CR = 13;
const SEMICOLON = 59;

export class ChunkedBody {
  readonly #onData: (piece: Buffer) => void;
  #state: 'size' | 'extensions' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers' | 'over' = 'size';
  #digits = 0;
  /** Bytes that the chunk has still to come: of its size what has been read, while that is. */
  #left = 0;
  /** The line under way, of extensions or trailers; what a packet leaves off, the next goes on with. */
  #line = '';
  #trailers = '';

  constructor(onData: (piece: Buffer) => void) {
    this.#onData = onData;
  }

  /** Whether the body is whole. */
  get over(): boolean {
    return this.#state === 'over';
  }

  /** Flat, once it is over. @throws WireError */
  trailers(): string[] {
    return this.#trailers === '' ? [] : readFields(this.#trailers);
  }

  /**
   * @param stopped whether nobody takes any more, asked after each piece
   * @returns where the body ended; the length of the bytes while it has not
   * @throws WireError
   */
  take(bytes: Buffer, from: number, stopped: () => boolean): number {
    let at = from;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'data': {
          const piece = bytes.subarray(at, at + this.#left);
          at += piece.length;
          this.#left -= piece.length;
          if (this.#left === 0) this.#state = 'data-cr';
          this.#onData(piece);
          if (stopped()) return at;
          break;
        }
        case 'extensions':
          at = this.#takeExtensions(bytes, at);
          break;
        case 'trailers':
          at = this.#takeTrailers(bytes, at);
          break;
        case 'over':
          return at;
        default:
          this.#takeByte(bytes[at] as number);
          at += 1;
      }
    }
    return at;
  }

  #takeByte(byte: number): void {
    switch (this.#state) {
      case 'size': {
        const digit = digitOf(byte);
        if (digit !== -1 && this.#digits < MOST_DIGITS) {
          this.#left = this.#left * 16 + digit;
          this.#digits += 1;
        } else if (this.#digits === 0 || (byte !== CR && byte !== SEMICOLON)) malformed('the size of a chunk is none');
        else if (byte === CR) this.#state = 'size-lf';
        else {
          this.#line = ';';
          this.#state = 'extensions';
        }
        break;
      }
      case 'size-lf':
        if (byte !== LF) malformed('the line before a chunk does not end in CRLF');
        this.#digits = 0;
        this.#state = this.#left === 0 ? 'trailers' : 'data';
        break;
      default:
        if (byte !== (this.#state === 'data-cr' ? CR : LF)) malformed('a chunk is longer than it was said to be');
        this.#state = this.#state === 'data-cr' ? 'data-lf' : 'size';
    }
  }

  #takeExtensions(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(CR, from);
    const stop = end === -1 ? bytes.length : end;
    if (this.#line.length + stop - from > LONGEST_EXTENSIONS) throw new WireError('WIRE_OVERFLOW', 'a chunk has too many extensions');
    this.#line += bytes.toString('latin1', from, stop);
    if (end === -1) return stop;
    if (!EXTENSIONS.test(this.#line)) malformed('the extensions of a chunk are none');
    this.#line = '';
    this.#state = 'size-lf';
    return end + 1;
  }

  #takeTrailers(bytes: Buffer, from: number): number {
    const end = bytes.indexOf(LF, from);
    const stop = end === -1 ? bytes.length : end + 1;
    if (this.#trailers.length + this.#line.length + stop - from > LARGEST_TRAILERS)
      throw new WireError('WIRE_OVERFLOW', 'its trailer section is too large');
    this.#line += bytes.toString('latin1', from, stop);
    if (end === -1) return stop;
    if (!this.#line.endsWith('\r\n')) malformed('a line of its trailer section does not end in CRLF');
    if (this.#line === '\r\n') this.#state = 'over';
    else this.#trailers += this.#line;
    this.#line = '';
    return stop;
  }
}

/** Of a hexadecimal digit; -1 of everything else. */
function digitOf(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
