/** The embedded registry's own port: Eureka's REST API, with and without `/v2`, for declared callers only. */
import { createServer, type Server } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Clock } from '../clock.ts';
import { pageRoutes } from '../page/page.ts';
import type { Registry } from '../registry/registry.ts';
import { pathsOf } from '../server/paths.ts';
import type { Logger } from '../telemetry/logger.ts';
import { type AdmissionParts, addressOf, admission } from './admission.ts';
import { Answers } from './answers.ts';
import type { ChangeStream } from './change-stream.ts';
import { keepFew } from './connections.ts';
import type { PeerState } from './peer.ts';
import type { Task } from './peer-queue.ts';
import { plainPageRoute } from './plain-page.ts';
import { readingRoutes } from './reading.ts';
import { refusals } from './refusals.ts';
import { replicationRoutes } from './replication.ts';
import { onceReady, type Standing, whileServing } from './standing.ts';
import { statusRoutes } from './status.ts';
import { unreadWithin } from './unread.ts';
import { writingRoutes } from './writing.ts';

/** Client connections at once; more are closed as they come. */
const CONNECTIONS = 20_000;

export interface EurekaParts extends AdmissionParts {
  readonly registry: Registry;
  readonly changes: ChangeStream;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly strict: boolean;
  readonly standing: Standing;
  /** Tells the peers. */
  tell(task: Task): void;
  /** Told of each instance that took its leave, known here or not. */
  onCancel(app: string, id: string): void;
  peers(): readonly PeerState[];
  /** Told of each request that was refused: metrics. */
  onRefused(status: number): void;
}

export interface EurekaServer extends Server {
  /** Of its router. */
  readonly paths: readonly string[];
}

export function createEurekaServer(parts: EurekaParts): EurekaServer {
  const { registry, changes, clock, logger, standing } = parts;
  const api = new Router();
  const answers = new Answers({ clock, version: () => registry.version });
  // An instance by itself is told all the same, as Eureka does.
  api.get(['/apps', '/apps/delta', '/apps/:app', '/vips/:name', '/svips/:name', '/events'], onceReady(standing));
  readingRoutes(api, registry, answers);
  writingRoutes(api, parts);
  replicationRoutes(api, parts);
  statusRoutes(api, parts);
  api.get('/events', (ctx) => {
    const events = changes.join(addressOf(ctx));
    ctx.status = events ? 200 : 503;
    ctx.type = events ? 'text/event-stream;charset=UTF-8' : 'text/plain';
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = events ?? 'There are as many readers as there may be\n';
  });
  const router = new Router();
  for (const base of ['/eureka/v2', '/eureka']) router.use(base, api.routes());
  pageRoutes(router, 'eureka/page');
  plainPageRoute(router, registry);
  router.get('/eureka', (ctx) => ctx.redirect(ctx.path.endsWith('/') ? '../' : './'));

  const app = new Koa();
  app.on('error', (error, ctx?: Context) => {
    // A reader of the events who leaves is no fault.
    if (!ctx?.socket.destroyed) logger.error({ event: 'registry-fault', err: error });
  });
  app.use(whileServing(standing)).use(refusals(parts)).use(admission(parts)).use(unreadWithin());
  app.use(router.routes()).use(router.allowedMethods());
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 75_000 }, app.callback());
  server.maxConnections = CONNECTIONS;
  keepFew(server);
  return Object.assign(server, { paths: pathsOf(router) });
}
