/** A parser of answers, and what it tells of them. */
import type { ResponseHead } from '../../../core/http1/response-head.ts';
import { type ParserEvents, ResponseParser } from '../../../core/http1/response-parser.ts';
import { WireError } from '../../../core/http1/wire-error.ts';

/** What was told of one answer; `data` is all of the body that came. */
export interface Told {
  heads: ResponseHead[];
  data: string;
  trailers: readonly string[] | undefined;
  /** The code of what it was refused for. */
  refused: string | undefined;
  /** Bytes that were taken for the answer. */
  taken: number;
}

/** Where the bytes are cut into packets. */
export type Cuts = readonly number[] | 'everywhere';

/** Reads one answer, to the end of the connection. Each packet lies in memory that is another's as soon as it has been taken. */
export function read(bytes: Buffer, { method = 'GET', cuts = [] }: { method?: string; cuts?: Cuts } = {}): Told {
  const told: Told = { heads: [], data: '', trailers: undefined, refused: undefined, taken: 0 };
  const parser = new ResponseParser({
    onHead: (head) => void told.heads.push(head),
    onData: (piece) => {
      told.data += piece.toString('latin1');
    },
    onEnd: (trailers) => {
      told.trailers = trailers;
    },
  });
  parser.expect(method);
  try {
    for (const packet of packets(bytes, cuts)) {
      const lent = Buffer.from(packet);
      const taken = parser.take(lent);
      lent.fill('#');
      told.taken += taken;
      if (taken < packet.length) return told;
    }
    if (told.trailers === undefined) parser.end();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    told.refused = error.code;
  }
  return told;
}

export function packets(bytes: Buffer, cuts: Cuts): Buffer[] {
  const places = cuts === 'everywhere' ? bytes.keys() : [...new Set([0, ...cuts])].sort((a, b) => a - b);
  const starts = [...places].filter((place) => place < bytes.length);
  return starts.map((start, index) => bytes.subarray(start, starts[index + 1]));
}

export const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

/** A parser whose events are told as text, and may be answered. */
export function listening(on: Partial<ParserEvents> = {}): { parser: ResponseParser; told: string[] } {
  const told: string[] = [];
  const parser = new ResponseParser({
    onHead: (head) => {
      told.push(`head ${head.status}`);
      on.onHead?.(head);
    },
    onData: (piece) => {
      told.push(`data ${piece.toString('latin1')}`);
      on.onData?.(piece);
    },
    onEnd: (trailers) => {
      told.push(`end ${trailers.join()}`);
      on.onEnd?.(trailers);
    },
  });
  return { parser, told };
}

/** Of the bytes of one packet, what was told and taken. */
export const of = (text: string, method = 'GET') => {
  const { parser, told } = listening();
  parser.expect(method);
  const taken = parser.take(bytesOf(text));
  return { told, taken, left: text.length - taken, awaits: parser.awaits };
};

export const answerOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
