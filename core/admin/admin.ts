/** The admin port: health and metrics, apart from the traffic, on loopback unless configured. */
import { createServer, type Server } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import type { Logger } from '../telemetry/logger.ts';
import type { Scrape } from '../telemetry/prometheus.ts';
import { ask, type Health, verbose } from './health.ts';

export interface AdminParts {
  health: Health;
  scrape: Scrape;
  logger: Logger;
}

export function createAdminServer({ health, scrape, logger }: AdminParts): Server {
  const router = new Router();
  for (const question of ['livez', 'readyz', 'startupz'] as const) {
    router.get(`/${question}`, (ctx) => {
      const { ok, checks } = ask(question, health);
      ctx.status = ok ? 200 : 503;
      ctx.body = 'verbose' in ctx.query ? verbose(checks, ok) : `${ok ? 'ok' : 'failed'}\n`;
    });
  }
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4; charset=utf-8';
    ctx.body = await scrape();
  });
  const app = new Koa();
  app.on('error', (error) => logger.error({ event: 'admin-fault', err: error }));
  app.use(router.routes()).use(router.allowedMethods());
  return createServer(app.callback());
}
