/** What may be asked of the registry: applications, what changed of them, instances, by their names (Eureka's GET operations). */
import type Router from '@koa/router';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';
import { type Answers, detailOf, send } from './answers.ts';
import { applicationDocuments, applicationsDocument, instanceDocument } from './document.ts';

export function readingRoutes(router: Router, registry: Registry, answers: Answers): void {
  router.get('/apps', (ctx) => answers.send(ctx, 'apps', (detail) => applicationsDocument(registry.leases(), detail)));

  router.get('/apps/delta', (ctx) =>
    answers.send(ctx, 'delta', (detail) => {
      const { version, hashCode } = registry;
      return applicationsDocument(registry.recentChanges(), detail, { version, hashCode });
    }),
  );

  router.get('/apps/:app', (ctx) => {
    const [application] = applicationDocuments(registry.leasesOf(upper(ctx.params['app'])), detailOf(ctx));
    if (application) send(ctx, { application });
  });

  router.get('/apps/:app/:id', (ctx) => {
    const lease = registry.find(upper(ctx.params['app']), ctx.params['id'] ?? '');
    if (lease) send(ctx, { instance: instanceDocument(lease, 'full') });
  });

  router.get('/instances/:id', (ctx) => {
    const lease = registry.findById(ctx.params['id'] ?? '');
    if (lease) send(ctx, { instance: instanceDocument(lease, 'full') });
  });

  for (const [path, field] of [
    ['vips', 'vipAddress'],
    ['svips', 'secureVipAddress'],
  ] as const) {
    router.get(`/${path}/:name`, (ctx) => {
      const named = registry.leases().filter((lease) => namesOf(lease, field).includes(ctx.params['name'] ?? ''));
      // The version that Eureka gives to what is no delta of anything.
      send(ctx, applicationsDocument(named, detailOf(ctx), { version: -1 }));
    });
  }
}

export const upper = (name = ''): string => name.toUpperCase();

function namesOf({ instance }: Lease, field: 'vipAddress' | 'secureVipAddress'): string[] {
  return instance[field]?.split(',') ?? [];
}
