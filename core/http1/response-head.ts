/** The head of an answer: its status line and fields, and what they say of the body and of the connection (RFC 9112 sections 4, 6, 9). */
import { isNamed, readFields, VALUE } from './fields.ts';
import { malformed } from './wire-error.ts';

export interface ResponseHead {
  /** 100 to 999. */
  readonly status: number;
  readonly statusText: string;
  /** As they came, flat: name, value. */
  readonly fields: readonly string[];
  /** Bytes of the body; `chunked`, or `close` where it goes on to the end of the connection. */
  readonly framing: number | 'chunked' | 'close';
  /** Whether the connection can carry another request afterwards. */
  readonly persists: boolean;
  /** Seconds for which the service keeps an idle connection, as it says (`Keep-Alive: timeout=5`). */
  readonly idleSeconds: number | undefined;
}

const STATUS_LINE = new RegExp(`^HTTP/1\\.[01] [1-9][0-9]{2}(?: ${VALUE})?\\r\\n`);

/** Where its parts stand: before that, all status lines are as long. */
const MINOR = 'HTTP/1.'.length;
const CODE = 'HTTP/1.1 '.length;
const PHRASE = 'HTTP/1.1 200 '.length;

/**
 * @param text each line with its CRLF, without the empty one at its end, as latin1. @param isHead whether a HEAD asked for it
 * @throws WireError where the length of the body may be read in two ways, too
 */
export function readHead(text: string, isHead: boolean): ResponseHead {
  if (!STATUS_LINE.test(text)) malformed('what came does not begin as an answer of HTTP/1 does');
  const end = text.indexOf('\r\n');
  const isCurrent = text[MINOR] === '1';
  const status = Number(text.slice(CODE, CODE + 3));
  // What comes behind it is of another protocol.
  if (status === 101) malformed('it changes to another protocol, which nobody asked for');
  const fields = readFields(text, end + 2);
  let length: number | undefined;
  let chunked = false;
  let connection: string | undefined;
  let keepAlive: string | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    if (isNamed(name, 'content-length')) {
      if (length !== undefined) malformed('it has two lengths');
      length = lengthOf(value);
    } else if (isNamed(name, 'transfer-encoding')) {
      if (chunked || value.toLowerCase() !== 'chunked') malformed(`it is in another transfer coding than chunked: ${value.slice(0, 50)}`);
      chunked = true;
    } else if (isNamed(name, 'connection')) {
      connection = connection === undefined ? value.toLowerCase() : `${connection},${value.toLowerCase()}`;
    } else if (isNamed(name, 'keep-alive')) keepAlive = value;
  }
  if (chunked && (length !== undefined || !isCurrent)) malformed('it is chunked, and has a length or is of HTTP/1.0');
  const announced = chunked || (length ?? 0) > 0;
  // Some readers wait for the body that it may not have.
  if (status < 200 && announced) malformed('it is an interim answer, and has a body');
  const bodiless = isHead || status < 200 || status === 204 || status === 304;
  const framing = bodiless ? 0 : chunked ? 'chunked' : (length ?? 'close');
  const persists = (isCurrent || lists(connection, 'keep-alive')) && !lists(connection, 'close');
  return {
    status,
    statusText: text.slice(PHRASE, end),
    fields,
    framing,
    // A service that sends the body of a 204 after all sends it as the beginning of the next answer.
    persists: persists && framing !== 'close' && !(status === 204 && announced),
    idleSeconds: keepAlive === undefined ? undefined : secondsOf(keepAlive),
  };
}

/** Digits and nothing else: a list of equal lengths is refused too, which RFC 9110 section 8.6 permits. */
function lengthOf(value: string): number {
  if (!/^[0-9]{1,15}$/.test(value)) malformed(`its length is none: ${value.slice(0, 50)}`);
  return Number(value);
}

function lists(connection: string | undefined, option: string): boolean {
  if (connection === undefined) return false;
  return connection === option || (connection.includes(',') && connection.split(',').some((one) => one.trim() === option));
}

function secondsOf(keepAlive: string): number | undefined {
  const seconds = /(?:^|[,;\s])timeout=(\d{1,6})(?:$|[,;\s])/i.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
