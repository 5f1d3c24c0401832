/** How writes are answered: what was made of it, under which revision; or, of a trial, what would become of it. */
import type { Context } from 'koa';
import { changesInTurns } from '../../check/changes.ts';
import type { Written } from '../../revisions/written.ts';
import { hidden } from './hidden.ts';
import { isDryRun, matchOf } from './request.ts';
import { type Change, changedKeys, etagOf, type Reading, type Source, told } from './source.ts';

/** The part of a change that its path and body decide. */
export type Asked = Omit<Change, 'match'>;

export interface Answer {
  readonly status: number;
  /** Undefined for 204. */
  readonly body?: unknown;
  readonly location?: string;
}

/** @throws AdminProblem */
export async function changing(
  ctx: Context,
  source: Source,
  asked: Asked,
  answer: (after: Reading, before: Reading) => Answer,
): Promise<void> {
  const change = { ...asked, match: matchOf(ctx) };
  if (isDryRun(ctx)) {
    const { before, after, from, to } = await source.try(change);
    ctx.status = 200;
    ctx.set('ETag', etagOf(before.revision));
    const changes = from ? await changesInTurns(from, to) : [];
    // As `check --diff --format json` prints it, with the keys that change.
    ctx.body = {
      ok: true,
      before: { file: to.file, revision: before.revision },
      after: { file: to.file, revision: after.revision },
      wider: changes.some(({ wider }) => wider),
      changes,
      keys: changedKeys(before, after),
      findings: told(to.findings),
    };
    return;
  }
  const { before, after, needsRestart } = await source.change(change);
  const { status, body, location } = answer(after, before);
  ctx.status = status;
  ctx.set('ETag', etagOf(after.revision));
  if (needsRestart.length > 0) ctx.set('Postern-Needs-Restart', needsRestart.join(', '));
  if (location !== undefined) ctx.set('Location', location);
  if (body !== undefined) ctx.body = hidden(body as Written);
}

/** @param body of the configuration as it is in the file now */
export async function telling(ctx: Context, source: Source, body: (now: Reading) => unknown): Promise<void> {
  const now = await source.read();
  const said = hidden(body(now) as Written);
  ctx.set({ ETag: etagOf(now.revision), 'Cache-Control': 'no-cache' });
  ctx.status = 200;
  ctx.body = said;
  if (ctx.fresh) {
    ctx.status = 304;
    ctx.body = null;
  }
}
