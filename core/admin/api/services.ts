/** `/services`: what there is to call, as the file has it. */
import type Router from '@koa/router';
import { at, isMapping, patched, type Written, type WrittenMap } from '../../revisions/written.ts';
import { AdminProblem } from '../problem.ts';
import { changing, telling } from './answers.ts';
import { bodyOf } from './request.ts';
import type { Reading, Source } from './source.ts';

const servicesIn = (config: WrittenMap): WrittenMap => {
  const services = at(config, ['services']);
  return isMapping(services) ? services : {};
};

/** @throws AdminProblem 404 */
export function serviceIn({ config }: Pick<Reading, 'config'>, name: string): WrittenMap {
  const service = at(config, ['services', name]);
  if (service === undefined) throw new AdminProblem('not-found', { detail: `There is no service ${name}` });
  return isMapping(service) ? service : {};
}

export function serviceRoutes(router: Router, source: Source): void {
  router.get('/services', (ctx) => telling(ctx, source, ({ config, revision }) => ({ revision, services: servicesIn(config) })));

  router.get('/services/:name', (ctx) => telling(ctx, source, (now) => serviceIn(now, nameIn(ctx.params))));

  router.put('/services/:name', (ctx) => {
    const name = nameIn(ctx.params);
    const body = bodyOf<Written>(ctx);
    return changing(ctx, source, { note: `services.${name} put`, edit: (now) => now.edit(['services', name], body) }, (after, before) =>
      at(before.config, ['services', name]) === undefined
        ? { status: 201, body: serviceIn(after, name), location: `/services/${name}` }
        : { status: 200, body: serviceIn(after, name) },
    );
  });

  router.patch('/services/:name', (ctx) => {
    const name = nameIn(ctx.params);
    const patch = bodyOf<Written>(ctx);
    return changing(
      ctx,
      source,
      {
        note: `services.${name} patched`,
        edit: (now) => now.edit(['services', name], patched(serviceIn(now, name), patch)),
      },
      (after) => ({ status: 200, body: serviceIn(after, name) }),
    );
  });

  router.delete('/services/:name', (ctx) => {
    const name = nameIn(ctx.params);
    return changing(
      ctx,
      source,
      {
        note: `services.${name} removed`,
        edit(now) {
          serviceIn(now, name);
          return now.edit(['services', name], undefined);
        },
      },
      () => ({ status: 204 }),
    );
  });
}

export const nameIn = (params: Readonly<Record<string, string>>): string => params['name'] ?? '';
