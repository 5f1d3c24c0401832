/** Answers, one after the other, out of the bytes of a connection. Knows nothing of sockets. */
import { ChunkedBody } from './chunked.ts';
import { type ResponseHead, readHead } from './response-head.ts';
import { malformed, WireError } from './wire-error.ts';

/** Bytes of a head, and of all interim ones before it. */
const LARGEST_HEAD = 64 * 1024;

const LINE_END = '\r\n'.length;
const HEAD_END = Buffer.from('\r\n\r\n');
const LF = 10;
const CR = 13;

/** Bytes that are held for a head that does not come at once. */
const SMALLEST_HELD = 512;

/** What every answer begins with. */
const BEGINNING = 'HTTP/1.';

/** Told in this order: any number of interim heads and one final, any number of pieces of the body, the end. */
export interface ParserEvents {
  onHead(head: ResponseHead): void;
  /** The bytes are good only until it returns, where the parser is given such. */
  onData(piece: Buffer): void;
  /** @param trailers flat */
  onEnd(trailers: readonly string[]): void;
}

type State = 'idle' | 'head' | 'length' | 'chunked' | 'close';

export class ResponseParser {
  readonly #events: ParserEvents;
  #state: State = 'idle';
  #isHead = false;
  /** Whether a byte of the answer has come, be it of an interim one. */
  started = false;
  /** The head so far, where it comes in several packets, and how much of that it fills. */
  #held: Buffer | undefined;
  #size = 0;
  /** Bytes of interim answers. */
  #interim = 0;
  /** Bytes of the body that are still to come. */
  #left = 0;
  #chunks: ChunkedBody | undefined;
  /** Whether the answer ended, or nobody takes it any more, in the bytes that are being taken: those behind are none of a next one. */
  #ended = false;
  readonly #isOver = () => this.#ended;

  constructor(events: ParserEvents) {
    this.#events = events;
  }

  /** Whether an answer is expected, or under way. */
  get awaits(): boolean {
    return this.#state !== 'idle';
  }

  /** A request has been made: an answer to it is what comes next. */
  expect(method: string): void {
    this.#state = 'head';
    this.#isHead = method === 'HEAD';
    this.started = false;
    this.#interim = 0;
  }

  /** Nobody takes it any more. */
  stop(): void {
    this.#state = 'idle';
    this.#ended = true;
    this.#chunks = undefined;
    this.#forgetHead();
  }

  /**
   * @returns how many bytes belong to the answer: fewer than there are where it has ended before them
   * @throws WireError after which nothing more can be read
   */
  take(bytes: Buffer): number {
    if (bytes.length === 0) return 0;
    let at = 0;
    this.started = true;
    this.#ended = this.#state === 'idle';
    while (at < bytes.length && !this.#ended) {
      if (this.#state === 'head') at = this.#takeHead(bytes, at);
      else if (this.#chunks) at = this.#takeChunks(this.#chunks, bytes, at);
      else at = this.#takeBody(bytes, at);
    }
    return at;
  }

  /** The connection has ended. @returns whether that ended the answer, too */
  end(): boolean {
    if (this.#state !== 'close') return false;
    this.#end([]);
    return true;
  }

  #takeBody(bytes: Buffer, from: number): number {
    const all = this.#state === 'close';
    const piece = from === 0 && (all || this.#left >= bytes.length) ? bytes : bytes.subarray(from, all ? undefined : from + this.#left);
    this.#left -= piece.length;
    this.#events.onData(piece);
    if (this.#state === 'length' && this.#left === 0) this.#end([]);
    return from + piece.length;
  }

  #takeChunks(chunks: ChunkedBody, bytes: Buffer, from: number): number {
    const at = chunks.take(bytes, from, this.#isOver);
    if (chunks.over) this.#end(chunks.trailers());
    return at;
  }

  #takeHead(bytes: Buffer, from: number): number {
    const found = this.#size === 0 ? bytes.indexOf(HEAD_END, from) : -1;
    if (found === -1) return this.#takePartOfHead(bytes, from);
    this.#begin(bytes.toString('latin1', from, found + LINE_END), found + HEAD_END.length - from);
    return found + HEAD_END.length;
  }

  #takePartOfHead(bytes: Buffer, from: number): number {
    const before = this.#size;
    // One byte more than a head may have tells that it has too many.
    const held = this.#hold(bytes.subarray(from, from + LARGEST_HEAD + 1 - before));
    const unseen = Math.max(0, before - HEAD_END.length + 1);
    const found = held.indexOf(HEAD_END, unseen);
    if (found === -1) {
      if (held.length > LARGEST_HEAD) tooLarge();
      refuseEarly(held, unseen);
      return bytes.length;
    }
    this.#forgetHead();
    this.#begin(held.toString('latin1', 0, found + LINE_END), found + HEAD_END.length);
    return from + found + HEAD_END.length - before;
  }

  /** It grows by doubling: a head that comes byte by byte is not copied as often. @returns what is held */
  #hold(part: Buffer): Buffer {
    const size = this.#size + part.length;
    let held = this.#held;
    if (!held || held.length < size) {
      const larger = Buffer.allocUnsafe(Math.max(SMALLEST_HELD, size, 2 * this.#size));
      held?.copy(larger, 0, 0, this.#size);
      held = larger;
    }
    part.copy(held, this.#size);
    this.#held = held;
    this.#size = size;
    return held.subarray(0, size);
  }

  #forgetHead(): void {
    this.#held = undefined;
    this.#size = 0;
  }

  #begin(text: string, size: number): void {
    if (this.#interim + size > LARGEST_HEAD) tooLarge();
    const head = readHead(text, this.#isHead);
    if (head.status < 200) this.#interim += size;
    else {
      this.#left = typeof head.framing === 'number' ? head.framing : 0;
      this.#state = typeof head.framing === 'number' ? 'length' : head.framing;
      this.#chunks = head.framing === 'chunked' ? new ChunkedBody((piece) => this.#events.onData(piece)) : undefined;
    }
    this.#events.onHead(head);
    if (this.#state === 'length' && this.#left === 0) this.#end([]);
  }

  #end(trailers: readonly string[]): void {
    this.#state = 'idle';
    this.#ended = true;
    this.#chunks = undefined;
    this.#events.onEnd(trailers);
  }
}

/** What cannot become a head any more is not waited for. @param unseen where what has not been looked at begins */
function refuseEarly(held: Buffer, unseen: number): void {
  const beginning = held.toString('latin1', 0, BEGINNING.length);
  if (!BEGINNING.startsWith(beginning)) malformed('what came does not begin as an answer of HTTP/1 does');
  for (let at = held.indexOf(LF, unseen); at !== -1; at = held.indexOf(LF, at + 1))
    if (held[at - 1] !== CR) malformed('a line of its head does not end in CRLF');
}

function tooLarge(): never {
  throw new WireError('WIRE_OVERFLOW', `its head is larger than ${LARGEST_HEAD} bytes`);
}
