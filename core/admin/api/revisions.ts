/** `/config`, `/revisions` and `/reload`: the whole of it, what it was, and taking it back. */
import type Router from '@koa/router';
import type { Reloading } from '../../reload/reloading.ts';
import type { History, Kept } from '../../revisions/history.ts';
import { AdminProblem } from '../problem.ts';
import { changing, telling } from './answers.ts';
import { changedKeys, etagOf, refused, type Source } from './source.ts';

export function revisionRoutes(router: Router, source: Source, { history, reloading }: { history: History; reloading: Reloading }): void {
  /** @throws AdminProblem 404 */
  const kept = (id: string): Kept => {
    const found = history.find(id);
    if (!found) throw new AdminProblem('not-found', { detail: `The revision ${id} is not kept (any more)` });
    return found;
  };

  router.get('/config', (ctx) =>
    telling(ctx, source, ({ revision, config }) => ({
      revision,
      inForce: reloading.loaded.revision,
      needsRestart: reloading.status.needsRestart,
      config,
    })),
  );

  router.get('/revisions', async (ctx) => {
    // What an editor wrote is one too.
    await source.record().catch(() => {});
    await telling(ctx, source, ({ revision }) => ({ revision, inForce: reloading.loaded.revision, revisions: history.list() }));
  });

  router.get('/revisions/:id', async (ctx) => {
    const { text, at, revision, cause, note, gateway } = kept(ctx.params['id'] ?? '');
    const then = await source.reading(text);
    await telling(ctx, source, (now) => ({
      at,
      revision,
      cause,
      note,
      gateway,
      changesFromNow: changedKeys(now, then),
      config: then.config,
    }));
  });

  router.post('/revisions/:id/rollback', (ctx) => {
    const old = kept(ctx.params['id'] ?? '');
    return changing(ctx, source, { note: `back to ${old.revision}`, cause: 'rollback', edit: () => old.text }, (after, before) => ({
      status: 200,
      body: { revision: after.revision, changes: changedKeys(before, after) },
    }));
  });

  router.post('/reload', async (ctx) => {
    const result = await reloading.reload('api');
    if (!result.ok) throw refused(result.findings);
    const { revision, changed, needsRestart } = result;
    ctx.set('ETag', etagOf(revision));
    ctx.body = { revision, changed, needsRestart };
  });
}
