/** Writing an answer's head, and cutting an answer short, in whichever version of HTTP the client speaks. */
import type { ServerResponse } from 'node:http';
import { constants, Http2ServerResponse } from 'node:http2';
import { Problem } from '../problem.ts';

/**
 * Writes status and fields as they are, repeated ones included.
 * @throws Problem `upstream-protocol-error` for a status or a field that HTTP cannot carry: node throws, and outside this
 * try it would reach nobody.
 */
export function writeHead(res: ServerResponse, status: number, statusText: string, headers: string[]): void {
  try {
    if (res instanceof Http2ServerResponse) res.writeHead(status, grouped(headers));
    else if (statusText === '') res.writeHead(status, headers);
    else res.writeHead(status, statusText, headers);
  } catch (cause) {
    throw new Problem('upstream-protocol-error', { cause });
  }
}

/** What is wrong with an answer's status line: HTTP has no such status (RFC 9110 section 15) or no such phrase (RFC 9112 section 4). */
export function statusLineProblem(status: number, statusText: string): Problem | undefined {
  if (status < 100 || status > 599) return new Problem('upstream-protocol-error', { detail: `The status ${status} is none.` });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\0-\x08\x0a-\x1f\x7f]/.test(statusText))
    return new Problem('upstream-protocol-error', { detail: 'The reason phrase holds a control character.' });
  return undefined;
}

/** An interim answer (RFC 9110 section 15.2); HTTP/1.0 clients know none. */
export function writeInterim(res: ServerResponse, status: number, headers: string[]): void {
  if (res.headersSent || res.req.httpVersion === '1.0') return;
  try {
    if (res instanceof Http2ServerResponse) res.stream.additionalHeaders({ ':status': status, ...grouped(headers) });
    else res.writeInformation(status, headers);
  } catch {
    // An interim answer that HTTP cannot carry is worth nothing; the final one decides.
  }
}

/** The fields behind a body, before it is ended. They are left out where HTTP cannot carry them, as a client may do anyway. */
export function writeTrailers(res: ServerResponse, flat: readonly string[]): void {
  try {
    res.addTrailers(res instanceof Http2ServerResponse ? grouped(flat) : pairs(flat));
  } catch {}
}

/** Ends an answer under way so that the client cannot take it for a whole one. */
export function cut(res: ServerResponse): void {
  if (res instanceof Http2ServerResponse) res.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else res.destroy();
}

/** For an answer that has been ended: a client that takes nothing more of it is cut. The kernel has most answers at once: no timer then. */
export function cutUnlessRead(res: ServerResponse, idle: number): void {
  if (res.writableLength > 0) res.setTimeout(idle, () => cut(res));
}

/** Repeated fields as one array each: HTTP/2's compatibility layer keeps only the last otherwise. */
function grouped(flat: readonly string[]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let at = 0; at < flat.length; at += 2) {
    const name = (flat[at] as string).toLowerCase();
    const value = flat[at + 1] as string;
    const earlier = fields[name];
    if (earlier === undefined) fields[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else fields[name] = [earlier, value];
  }
  return fields;
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) list.push([flat[at] as string, flat[at + 1] as string]);
  return list;
}
