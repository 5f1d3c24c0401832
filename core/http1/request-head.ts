/** The head of a request as it goes on the wire (RFC 9112 section 3). */
import type { Readable } from 'node:stream';
import { ownCopy } from '../own-copy.ts';
import { isNamed, TOKEN, VALUE } from './fields.ts';
import { WireError } from './wire-error.ts';

export interface WireRequest {
  readonly method: string;
  /** The target in origin form, with the query. */
  readonly path: string;
  readonly host: string;
  /** Flat: name, value; without Host, and without what concerns the connection. A Content-Length among them is that of the body. */
  readonly fields: readonly string[];
  readonly body: Readable | undefined;
  /** Milliseconds for which the service may be silent, once its answer has begun. */
  readonly idle: number;
}

export interface RequestHead {
  /** As latin1, but for the lines that tell of the body (`framing`). */
  readonly text: string;
  /** Bytes of the body as it was said; undefined where nobody did. */
  readonly length: number | undefined;
}

/** Methods whose requests have a body as a rule: one without says so (RFC 9110 section 8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH']);

/** What a head of so many fields looks like, by their number: one pass over one text costs less than one over each of its parts. */
const heads: RegExp[] = [];

function headOf(fields: number): RegExp {
  heads[fields] ??= new RegExp(`^${TOKEN} (?:/[\\x21-\\x7e\\x80-\\xff]*|\\*) HTTP/1\\.1\\r\\n(?:${TOKEN}: ${VALUE}\\r\\n){${fields}}$`);
  return heads[fields];
}

/** How the lines of fields begin, behind the line before, by their names: few are said again and again, and were looked at once. */
const beginnings = new Map<string, string>();

/** How many are remembered, and how long they may be: clients make names up. */
const REMEMBERED = 512;
const LONGEST = 64;

function beginningOf(name: string): string {
  if (!mayBeAmongFields(name)) unsendable(`its field ${JSON.stringify(name.slice(0, 50))} may not be said`);
  const beginning = `\r\n${name}: `;
  if (name.length > LONGEST) return beginning;
  if (beginnings.size === REMEMBERED) beginnings.clear();
  beginnings.set(ownCopy(name), ownCopy(beginning));
  return beginning;
}

/** @throws WireError `WIRE_UNSENDABLE` */
export function requestHead({ method, path, host, fields, body }: WireRequest): RequestHead {
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}`;
  let count = 1;
  let length: number | undefined;
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    const value = fields[at + 1] as string;
    if (isNamed(name, 'content-length')) {
      if (length !== undefined || !/^[0-9]{1,15}$/.test(value)) unsendable('its length is none');
      length = Number(value);
      continue;
    }
    text = text + (beginnings.get(name) ?? beginningOf(name)) + value;
    count += 1;
  }
  // The answer to it is the beginning of a tunnel.
  if (method === 'CONNECT') unsendable('no gateway asks for a tunnel');
  if (body === undefined && (length ?? 0) > 0) unsendable('it has no body, but a length');
  text += '\r\n';
  // A line end inside of a value makes one line too many.
  if (!headOf(count).test(text)) unsendable('its method, its target or one of its fields has a character that none may have');
  return { text, length };
}

/** The end of the head. @param length bytes of the body; undefined where it goes in chunks */
export const framing = (length: number | undefined): string =>
  length === undefined ? 'transfer-encoding: chunked\r\n\r\n' : `content-length: ${length}\r\n\r\n`;

/** The end of the head of a request without a body. */
export const noBody = (method: string): string => (WITH_BODY.has(method) ? framing(0) : '\r\n');

/** Not what is written here or tells of the connection: said twice, it lets two readers see two requests. A colon makes another name. */
function mayBeAmongFields(name: string): boolean {
  if (name.includes(':')) return false;
  switch (name.length) {
    case 4:
      return !isNamed(name, 'host');
    case 7:
      return !isNamed(name, 'upgrade');
    case 10:
      return !isNamed(name, 'connection') && !isNamed(name, 'keep-alive');
    case 17:
      return !isNamed(name, 'transfer-encoding');
    default:
      return true;
  }
}

function unsendable(message: string): never {
  throw new WireError('WIRE_UNSENDABLE', message);
}
