/** Writes an answer of the gateway's own: its fields, and those that the steps before have left in `ctx.state.answer`. */
import { STATUS_CODES } from 'node:http';
import type { Context } from '../context.ts';
import { cutUnlessRead, writeHead } from '../upstream/response-head.ts';
import { namesOf, without } from '../upstream/response-headers.ts';

/** Milliseconds a client may take nothing of such an answer. */
const UNREAD = 60_000;

/** @param fields flat: name, value; where an earlier step has left the same field, these stand. Vary alone adds up. */
export function answer(ctx: Context, status: number, fields: readonly string[], body?: string): void {
  const { state, req, res } = ctx;
  const ours = namesOf(fields);
  const head = [...without(state.answer ?? [], (field) => ours.has(field)), ...fields];
  if (body !== undefined) {
    const bytes = Buffer.byteLength(body);
    head.push('Content-Length', String(bytes));
    if (req.method !== 'HEAD') state.sent = { bytes };
  }
  // What is left of an upload that is answered already is not worth reading: the connection ends with the answer.
  if (!req.complete && req.httpVersionMajor < 2) head.push('Connection', 'close');
  writeHead(res, status, STATUS_CODES[status] ?? '', head);
  res.end(req.method === 'HEAD' ? undefined : body);
  cutUnlessRead(res, UNREAD);
}
