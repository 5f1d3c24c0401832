/** What a connection reports of an exchange that failed on it, beside the system's own errors. */

export type WireCode =
  /** The connection ended before the answer did. */
  | 'WIRE_CLOSED'
  /** What came is no answer of HTTP/1.1, or may be read in two ways (RFC 9112 sections 6.3 and 11.2). */
  | 'WIRE_MALFORMED'
  /** Its header or trailer section is larger than is read. */
  | 'WIRE_OVERFLOW'
  /** Nothing came for as long as the service may be silent. */
  | 'WIRE_SILENT'
  /** The request is none that HTTP/1.1 can carry, or its body is not as long as it was said to be. */
  | 'WIRE_UNSENDABLE';

export class WireError extends Error {
  readonly code: WireCode;

  constructor(code: WireCode, message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}

export function malformed(message: string): never {
  throw new WireError('WIRE_MALFORMED', message);
}
