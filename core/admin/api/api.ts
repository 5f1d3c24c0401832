/** The API that changes the configuration while it is in force: services, endpoints, routes, revisions. */
import Router from '@koa/router';
import type { Reloading } from '../../reload/reloading.ts';
import type { History } from '../../revisions/history.ts';
import { fitting } from './contract.ts';
import { endpointRoutes, type Views } from './endpoints.ts';
import { apiPaths } from './paths.ts';
import { revisionRoutes } from './revisions.ts';
import { routeRoutes } from './routes.ts';
import { serviceRoutes } from './services.ts';
import type { Source } from './source.ts';

export interface ApiParts {
  readonly reloading: Reloading;
  readonly history: History;
  readonly source: Source;
  readonly services: Views;
}

export function adminApi({ reloading, history, source, services }: ApiParts): Router {
  // As strict as the contract: what that does not know, nobody has held anything against.
  const router = new Router({ strict: true, sensitive: true });
  serviceRoutes(router, source);
  endpointRoutes(router, source, services);
  routeRoutes(router, source, reloading);
  revisionRoutes(router, source, { history, reloading });
  return router;
}

/** Holds requests against the document of the API. */
export const validated = () => fitting(apiPaths);
