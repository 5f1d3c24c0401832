/** What a request to the API says beside its path: the revision it is about, its body, whether it is only a trial. */
import type { IncomingMessage } from 'node:http';
import type { Context } from 'koa';
import { boundedBody } from '../../server/bounded-body.ts';
import { AdminProblem } from '../problem.ts';

/** Bytes of a body. */
export const LARGEST = 1024 * 1024;

/**
 * The revisions of `If-Match` (RFC 9110 section 13.1.1). `*` would be whatever there is, which is what two writers must not say.
 *
 * @throws AdminProblem
 */
export function matchOf(ctx: Context): readonly string[] {
  const field = ctx.get('if-match').trim();
  if (field === '') throw new AdminProblem('precondition-required', { detail: 'Send the ETag of what you have read as If-Match.' });
  if (field === '*')
    throw new AdminProblem('precondition-required', { detail: 'If-Match must name a revision; * would overwrite whatever there is.' });
  // A weak one is never the same (section 8.8.3.2).
  return field.split(',').flatMap((tag) => /^"([^"]*)"$/.exec(tag.trim())?.[1] ?? []);
}

/** What was read and held against the contract. @throws AdminProblem for what was not */
export function bodyOf<T>(ctx: Context): T {
  const { body } = ctx.state;
  if (body === undefined) throw new AdminProblem('bad-request', { detail: 'There is no body' });
  return body as T;
}

export function isDryRun(ctx: Context): boolean {
  const { dryRun } = ctx.query;
  return dryRun !== undefined && dryRun !== 'false';
}

/** @throws AdminProblem 413 */
export const bytesOf = (req: IncomingMessage, limit = LARGEST): Promise<Buffer> =>
  boundedBody(req, limit, (detail) => new AdminProblem('body-too-large', { detail, headers: { Connection: 'close' } }));
