/** The API that changes the configuration while it is in force: services, endpoints, routes, revisions. */
import Router from '@koa/router';
import { type History, history } from '../../revisions/history.ts';
import { fitting } from './contract.ts';
import { endpointRoutes, type Views } from './endpoints.ts';
import { apiPaths } from './paths.ts';
import { revisionRoutes } from './revisions.ts';
import { routeRoutes } from './routes.ts';
import { schemas } from './schemas.ts';
import { serviceRoutes } from './services.ts';
import { createSource, type Reloading } from './source.ts';

export interface ApiParts {
  readonly reloading: Reloading;
  /** Where revisions are kept; undefined for in memory. */
  readonly revisions: string | undefined;
  readonly gateway: string;
  readonly services: Views;
  /** Milliseconds since 1970. */
  now(): number;
}

export function adminApi({ reloading, revisions, gateway, services, now }: ApiParts): Router {
  const kept: History = history(revisions);
  const source = createSource({ reloading, history: kept, gateway, now });
  const router = new Router();
  serviceRoutes(router, source);
  endpointRoutes(router, source, services);
  routeRoutes(router, source, reloading);
  revisionRoutes(router, source, { history: kept, reloading });
  return router;
}

/** Holds requests against the document of the API. */
export const validated = () => fitting(apiPaths, () => ({ schemas: schemas() }));
