/** The admin port: health, metrics, rolling statistics, the API, event streams and the dashboard, apart from the traffic, on loopback unless configured. */
import { createServer, type Server } from 'node:http';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import type { Store } from '../cache/store.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { DescribedRequest } from '../explain/request.ts';
import type { RecentRequests } from '../middleware/recent-requests.ts';
import { pathsOf } from '../server/paths.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Scrape } from '../telemetry/prometheus.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { type ApiParts, adminApi, validated } from './api/api.ts';
import { adminDocument } from './api/document.ts';
import type { Dashboard } from './dashboard.ts';
import { explain } from './explain.ts';
import { type GuardOptions, guard } from './guard.ts';
import { ask, type Discoveries, type Health, verbose } from './health.ts';
import { HystrixStream, MAX_READERS } from './hystrix-stream.ts';
import { metrics } from './metrics.ts';
import { adminProblems } from './problem.ts';
import { purge } from './purge.ts';
import { listRequests, tellRequest } from './requests.ts';
import { answerStats, type StatsParts } from './stats.ts';

export interface AdminParts extends StatsParts {
  health: Health;
  scrape: Scrape;
  logger: Logger;
  store: Store;
  /** Of the snapshot in force. */
  services(): readonly ServiceView[];
  discoveries(): Discoveries;
  /** The document of what the gateway exposes, as JSON. */
  openapi(): string;
  readonly dashboard?: Pick<Dashboard, 'routes'>;
  /** What would become of a request; of the snapshot in force. */
  explain(request: DescribedRequest): Promise<Explanation>;
  /** The revision in force. */
  revision(): string;
  recent: RecentRequests;
  readonly guard: GuardOptions;
  readonly api?: Omit<ApiParts, 'services'>;
}

/**
 * Milliseconds for a head to come, for a whole request, and without a byte either way, which answers to operators may take (a change
 * waits for another writer, and for services that are new); and connections. They are the same process's as those of the traffic.
 */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 } as const;
const SILENCE = 120_000;
const CONNECTIONS = 1_000;

export interface AdminServer extends Server {
  /** Of its routers. */
  readonly paths: readonly string[];
}

export function createAdminServer(parts: AdminParts): AdminServer {
  const { health, scrape, logger, clock, store, services, discoveries, openapi } = parts;
  const router = new Router({ strict: true, sensitive: true });
  for (const question of ['livez', 'readyz', 'startupz'] as const) {
    router.get(`/${question}`, (ctx) => {
      const { ok, checks } = ask(question, health, discoveries());
      ctx.status = ok ? 200 : 503;
      ctx.body = 'verbose' in ctx.query ? verbose(checks, ok) : `${ok ? 'ok' : 'failed'}\n`;
    });
  }
  router.get('/metrics', metrics(scrape));
  router.post('/cache/purge', purge(store));
  router.post('/explain', explain(parts));
  router.get('/requests', listRequests(parts.recent));
  router.get('/requests/:id', tellRequest(parts));
  router.get('/openapi.json', (ctx) => {
    ctx.type = 'application/json';
    ctx.body = openapi();
  });
  router.get('/stats', answerStats(parts));
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
  parts.dashboard?.routes(router);
  const app = new Koa();
  app.on('error', (error, ctx?: Context) => {
    // A reader of a stream who leaves is no fault.
    if (!ctx?.socket.destroyed) logger.error({ event: 'admin-fault', err: error });
  });
  app.use(adminProblems((error) => logger.error({ event: 'admin-fault', err: error })));
  app.use(guard(parts.guard)).use(validated());
  app.use(router.routes());
  const api = parts.api && adminApi({ ...parts.api, services });
  if (api) app.use(api.routes()).use(api.allowedMethods());
  app.use(router.allowedMethods());
  const server = createServer(LIMITS, app.callback()).setTimeout(SILENCE);
  server.maxConnections = CONNECTIONS;
  return Object.assign(server, { paths: [router, ...(api ? [api] : [])].flatMap(pathsOf) });
}
