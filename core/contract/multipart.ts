/** The parts of a form that is sent in parts (RFC 7578, RFC 2046 section 5.1.1). */
import { parametersOf } from './media-type.ts';

export interface Part {
  readonly name: string;
  /** Whether it is a file, which has a name of its own. */
  readonly file: boolean;
  readonly type: string | undefined;
  readonly body: Buffer;
}

const CRLF = '\r\n';

/** Undefined when it is no such form, or one that readers take apart differently: a delimiter or a name is missing, or stands twice. */
export function partsOf(body: Buffer, type: string): Part[] | undefined {
  const parameters = parametersOf(type);
  const boundary = parameters?.get('boundary');
  if (!boundary || boundary.length > 70 || boundary.includes('\\') || hasContinued(parameters, 'boundary')) return undefined;
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

/** As `name*` or `name*0` (RFC 8187, RFC 2231), which some take for `name` and others for nothing. */
const hasContinued = (parameters: ReadonlyMap<string, string> | undefined, name: string): boolean =>
  [...(parameters?.keys() ?? [])].some((other) => other.startsWith(`${name}*`));

function partOf(head: string, body: Buffer): Part | undefined {
  const fields = fieldsOf(head);
  const disposition = fields?.get('content-disposition') ?? '';
  const parameters = parametersOf(disposition);
  const name = parameters?.get('name');
  if (!/^form-data[ \t]*;/i.test(disposition) || name === undefined || name.includes('\\') || hasContinued(parameters, 'name'))
    return undefined;
  // What is to be decoded is not what stands there.
  if (!/^(?:|7bit|8bit|binary)$/i.test(fields?.get('content-transfer-encoding') ?? '')) return undefined;
  return {
    name,
    file: [...(parameters?.keys() ?? [])].some((other) => /^filename\*?/.test(other)),
    type: fields?.get('content-type'),
    body,
  };
}

/** The fields of a part, their names in lower case; undefined where one stands twice, or a line is none. */
function fieldsOf(head: string): ReadonlyMap<string, string> | undefined {
  const fields = new Map<string, string>();
  for (const line of head.split(CRLF).slice(1)) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):([^\r\n]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || fields.has(name.toLowerCase())) return undefined;
    fields.set(name.toLowerCase(), value.trim());
  }
  return fields;
}
