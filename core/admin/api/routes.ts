/** `/routes`: who may reach what. Those of the file can be changed; those that are made of a contract are read only. */
import type Router from '@koa/router';
import type { Reloading } from '../../reload/reloading.ts';
import { at, isList, isMapping, patched, type Written, type WrittenMap } from '../../revisions/written.ts';
import { AdminProblem } from '../problem.ts';
import { changing, telling } from './answers.ts';
import { bodyOf } from './request.ts';
import { nameIn } from './services.ts';
import type { Reading, Source } from './source.ts';

export function routeRoutes(router: Router, source: Source, reloading: Pick<Reloading, 'loaded'>): void {
  const made = () => reloading.loaded.companion?.routes ?? [];
  const madeOf = (name: string) => made().find(({ route }) => isMapping(route) && route['name'] === name);

  /** Its place in the file. @throws AdminProblem */
  const placeOf = (now: Reading, name: string): number => {
    const place = routesIn(now).findIndex((route) => isMapping(route) && route['name'] === name);
    if (place !== -1) return place;
    const one = madeOf(name);
    if (!one) throw new AdminProblem('not-found', { detail: `There is no route ${name}` });
    throw new AdminProblem('conflict', {
      detail: `The route ${name} is made of the contract of ${one.service} (routesFrom: openapi): change x-postern there, or write the route into the file`,
    });
  };
  const routeOf = (now: Reading, name: string): WrittenMap => routesIn(now)[placeOf(now, name)] as WrittenMap;

  router.get('/routes', (ctx) =>
    telling(ctx, source, (now) => ({
      revision: now.revision,
      routes: routesIn(now),
      made: made().map(({ service, route }) => ({ service, route })),
    })),
  );

  router.get('/routes/:name', (ctx) => {
    const name = nameIn(ctx.params);
    return telling(ctx, source, (now) => {
      const own = routesIn(now).find((route) => isMapping(route) && route['name'] === name);
      return own ?? madeOf(name)?.route ?? routeOf(now, name);
    });
  });

  router.post('/routes', (ctx) => {
    const body = bodyOf<WrittenMap>(ctx);
    const name = String(body['name']);
    return changing(
      ctx,
      source,
      {
        note: `the route ${name} added`,
        edit(now) {
          const routes = routesIn(now);
          if (madeOf(name) || routes.some((route) => isMapping(route) && route['name'] === name))
            throw new AdminProblem('conflict', { detail: `There is a route ${name} already` });
          return now.edit(['routes', routes.length], body);
        },
      },
      (after) => ({ status: 201, body: routeOf(after, name), location: `/routes/${name}` }),
    );
  });

  router.put('/routes/:name', (ctx) => {
    const name = nameIn(ctx.params);
    const body = { name, ...bodyOf<WrittenMap>(ctx) };
    keepsName(body, name);
    let isNew = false;
    return changing(
      ctx,
      source,
      {
        note: `the route ${name} put`,
        edit(now) {
          const place = routesIn(now).findIndex((route) => isMapping(route) && route['name'] === name);
          isNew = place === -1;
          if (isNew && madeOf(name)) placeOf(now, name);
          return now.edit(['routes', isNew ? routesIn(now).length : place], body);
        },
      },
      (after) => ({ status: isNew ? 201 : 200, body: routeOf(after, name), ...(isNew ? { location: `/routes/${name}` } : {}) }),
    );
  });

  router.patch('/routes/:name', (ctx) => {
    const name = nameIn(ctx.params);
    const patch = bodyOf<WrittenMap>(ctx);
    keepsName({ name, ...patch }, name);
    return changing(
      ctx,
      source,
      {
        note: `the route ${name} patched`,
        edit: (now) => now.edit(['routes', placeOf(now, name)], patched(routeOf(now, name), patch)),
      },
      (after) => ({ status: 200, body: routeOf(after, name) }),
    );
  });

  router.delete('/routes/:name', (ctx) => {
    const name = nameIn(ctx.params);
    return changing(
      ctx,
      source,
      { note: `the route ${name} removed`, edit: (now) => now.edit(['routes', placeOf(now, name)], undefined) },
      () => ({ status: 204 }),
    );
  });
}

function routesIn({ config }: Reading): readonly Written[] {
  const routes = at(config, ['routes']);
  return isList(routes) ? routes : [];
}

/** @throws AdminProblem */
function keepsName({ name }: WrittenMap, own: string): void {
  if (name !== own)
    throw new AdminProblem('conflict', { detail: `The route is called ${own}: add one of another name and remove this one` });
}
