/** The admin port: health, metrics, the API and Hystrix's event stream, apart from the traffic, on loopback unless configured. */
import { createServer, type Server } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Store } from '../cache/store.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Scrape } from '../telemetry/prometheus.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { type ApiParts, adminApi, validated } from './api/api.ts';
import { adminDocument } from './api/document.ts';
import { type GuardOptions, guard } from './guard.ts';
import { ask, type Discoveries, type Health, verbose } from './health.ts';
import { HystrixStream, MAX_READERS } from './hystrix-stream.ts';
import { adminProblems } from './problem.ts';
import { purge } from './purge.ts';

export interface AdminParts {
  health: Health;
  scrape: Scrape;
  logger: Logger;
  clock: Clock;
  store: Store;
  /** Of the snapshot in force. */
  services(): readonly ServiceView[];
  discoveries(): Discoveries;
  /** The document of what the gateway exposes, as JSON. */
  openapi(): string;
  readonly guard: GuardOptions;
  readonly api?: Omit<ApiParts, 'services'>;
}

export function createAdminServer({ health, scrape, logger, clock, store, services, discoveries, openapi, ...parts }: AdminParts): Server {
  const router = new Router({ strict: true, sensitive: true });
  for (const question of ['livez', 'readyz', 'startupz'] as const) {
    router.get(`/${question}`, (ctx) => {
      const { ok, checks } = ask(question, health, discoveries());
      ctx.status = ok ? 200 : 503;
      ctx.body = 'verbose' in ctx.query ? verbose(checks, ok) : `${ok ? 'ok' : 'failed'}\n`;
    });
  }
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.body = await scrape();
  });
  router.post('/cache/purge', purge(store));
  router.get('/openapi.json', (ctx) => {
    ctx.type = 'application/json';
    ctx.body = openapi();
  });
  router.get('/admin.openapi.json', (ctx) => {
    ctx.type = 'application/json';
    ctx.body = adminDocument();
  });
  const stream = new HystrixStream({ services, clock });
  router.get('/hystrix.stream', (ctx) => {
    const events = stream.join(Number(ctx.query['delay']));
    ctx.status = events ? 200 : 503;
    ctx.type = events ? 'text/event-stream;charset=UTF-8' : 'text/plain';
    ctx.set({ 'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate', Pragma: 'no-cache' });
    ctx.body = events ?? `MaxConcurrentConnections reached: ${MAX_READERS}\n`;
  });
  const app = new Koa();
  app.on('error', (error, ctx?: Context) => {
    // A reader of a stream who leaves is no fault.
    if (!ctx?.socket.destroyed) logger.error({ event: 'admin-fault', err: error });
  });
  app.use(adminProblems((error) => logger.error({ event: 'admin-fault', err: error })));
  app.use(guard(parts.guard)).use(validated());
  app.use(router.routes());
  if (parts.api) {
    const api = adminApi({ ...parts.api, services });
    app.use(api.routes()).use(api.allowedMethods());
  }
  app.use(router.allowedMethods());
  return createServer(app.callback());
}
