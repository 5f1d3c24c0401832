/** The parts of a form that is sent in parts (RFC 7578, RFC 2046 section 5.1.1). */

export interface Part {
  readonly name: string;
  /** Whether it is a file, which has a name of its own. */
  readonly file: boolean;
  readonly type: string | undefined;
  readonly body: Buffer;
}

const CRLF = '\r\n';

/** Undefined when it is no such form: a delimiter or a name is missing. */
export function partsOf(body: Buffer, type: string): Part[] | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined || boundary.length > 70) return undefined;
  const delimiter = `${CRLF}--${boundary}`;
  if (hasBareDelimiter(body, boundary)) return undefined;
  // The first delimiter may stand at the very beginning.
  const opened = Buffer.concat([Buffer.from(CRLF), body]);
  const parts: Part[] = [];
  let at = opened.indexOf(delimiter);
  while (at !== -1) {
    at += delimiter.length;
    if (opened.subarray(at, at + 2).toString('latin1') === '--') return parts;
    const end = opened.indexOf(delimiter, at);
    const start = opened.indexOf(CRLF, at);
    const head = opened.indexOf(CRLF + CRLF, start);
    if (end === -1 || start === -1 || head === -1 || head > end || opened.subarray(at, start).toString('latin1').trim() !== '')
      return undefined;
    const part = partOf(opened.subarray(start, head).toString('utf8'), opened.subarray(Math.min(head + 4, end), end));
    if (!part) return undefined;
    parts.push(part);
    at = end;
  }
  return undefined;
}

/** Some readers take a line feed alone for the end of a line: to them, such a form has other parts. */
function hasBareDelimiter(body: Buffer, boundary: string): boolean {
  const bare = `\n--${boundary}`;
  for (let at = body.indexOf(bare); at !== -1; at = body.indexOf(bare, at + 1)) if (body[at - 1] !== 0x0d) return true;
  return false;
}

function partOf(head: string, body: Buffer): Part | undefined {
  const field = (name: string) => new RegExp(`\\r\\n${name}:[ \\t]*([^\\r\\n]*)`, 'i').exec(head)?.[1];
  const disposition = field('content-disposition') ?? '';
  const parameter = (name: string) => new RegExp(`;[ \\t]*${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(disposition)?.[1];
  const name = parameter('name') ?? /;[ \t]*name=([^\s;"]+)/i.exec(disposition)?.[1];
  const isAmbiguous = (disposition.match(/;[ \t]*name=/gi)?.length ?? 0) > 1;
  if (!/^form-data\b/i.test(disposition) || name === undefined || isAmbiguous) return undefined;
  return { name, file: parameter('filename') !== undefined || /;[ \t]*filename\*?=/i.test(disposition), type: field('content-type'), body };
}
