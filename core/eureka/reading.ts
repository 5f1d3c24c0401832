/** What may be asked of the registry: applications, what changed of them, instances, by their names (Eureka's GET operations). */
import type Router from '@koa/router';
import { HashCode } from '../registry/hash-code.ts';
import type { Lease } from '../registry/lease.ts';
import type { Registry } from '../registry/registry.ts';
import { type Answers, detailOf, send } from './answers.ts';
import { applicationDocument, instanceDocument } from './document.ts';

export function readingRoutes(router: Router, registry: Registry, answers: Answers): void {
  router.get('/apps', (ctx) =>
    answers.send(ctx, 'apps', (texts) => texts.applications(registry.leases(), { version: 1, hashCode: registry.hashCode })),
  );

  router.get('/apps/delta', (ctx) =>
    answers.send(ctx, 'delta', (texts) => {
      const { version, hashCode } = registry;
      return texts.applications(registry.recentChanges(), { version, hashCode });
    }),
  );

  router.get('/apps/:app', (ctx) => {
    const application = applicationDocument(registry.leasesOf(upper(ctx.params['app'])), detailOf(ctx));
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
      const hashCode = HashCode.of(named.map(({ instance }) => instance));
      answers.sendOnce(ctx, (texts) => texts.applications(named, { version: -1, hashCode }));
    });
  }
}

export const upper = (name = ''): string => name.toUpperCase();

function namesOf({ instance }: Lease, field: 'vipAddress' | 'secureVipAddress'): string[] {
  return instance[field]?.split(',') ?? [];
}
