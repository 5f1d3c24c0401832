/**
 * Takes the pictures of the dashboard that the README shows, anew: a shop under traffic, seen on a screen and on a phone.
 * `node test/interop/screenshots.ts` writes them to deploy/screenshots; it takes two minutes.
 */
import { mkdirSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { freePort, openBench } from './support/bench.ts';
import { startChromium } from './support/chromium.ts';
import { startGateway } from './support/gateway.ts';

const folder = join(import.meta.dirname, '../../deploy/screenshots');

/** Milliseconds until the lines of two minutes have a shape. */
const WARM = Number(process.argv[2] ?? 100) * 1000;

/** Milliseconds that each takes, the share that fails, and how many endpoints there are. */
const services: Readonly<Record<string, { ms: number; fails: number; endpoints: number }>> = {
  catalogue: { ms: 3, fails: 0, endpoints: 3 },
  orders: { ms: 12, fails: 0.004, endpoints: 2 },
  payments: { ms: 40, fails: 0.05, endpoints: 2 },
  stock: { ms: 5, fails: 0, endpoints: 2 },
  users: { ms: 8, fails: 0, endpoints: 1 },
};

/** Requests a second, at the height of the wave: by whom, to what. */
const traffic: readonly { from: string; path: string; inside?: boolean; rate: number }[] = [
  { from: '127.0.0.1', path: '/catalogue', rate: 60 },
  { from: '127.0.0.1', path: '/orders', rate: 18 },
  { from: '127.0.0.1', path: '/users', rate: 9 },
  { from: '127.0.0.1', path: '/offers', rate: 6 },
  { from: '127.0.0.2', path: '/stock', inside: true, rate: 30 },
  { from: '127.0.0.2', path: '/payments', inside: true, rate: 9 },
  { from: '127.0.0.2', path: '/users', inside: true, rate: 12 },
  { from: '127.0.0.3', path: '/orders', inside: true, rate: 8 },
  { from: '127.0.0.3', path: '/stock', inside: true, rate: 5 },
];

const bench = openBench();
try {
  mkdirSync(folder, { recursive: true });
  const [edgeAdmin, insideAdmin, nobody] = [await freePort(), await freePort(), await freePort()];
  const listening: Record<string, object> = { offers: { endpoints: [`http://127.0.0.1:${nobody}`], circuitBreaker: { requestVolume: 5 } } };
  for (const [name, { ms, fails, endpoints }] of Object.entries(services)) {
    const ports = await Promise.all(
      Array.from({ length: endpoints }, () =>
        bench.listen(
          createServer((_req, res) => {
            setTimeout(() => res.writeHead(Math.random() < fails ? 500 : 200).end('{}'), ms * (0.6 + Math.random()));
          }),
        ),
      ),
    );
    listening[name] = { endpoints: ports.map((port) => `http://127.0.0.1:${port}`), concurrency: { limit: 50, queue: 10 } };
  }
  const file = await bench.file('postern.yaml', JSON.stringify(configuration(listening, edgeAdmin, insideAdmin)));
  const [edge, inside] = await Promise.all([startGateway(bench, 'public-gateway', file), startGateway(bench, 'private-gateway', file)]);
  const asking = setInterval(() => {
    const wave = 0.55 + 0.45 * Math.sin(Date.now() / 11_000) * Math.sin(Date.now() / 3_700);
    for (const { from, path, inside: within, rate } of traffic) {
      if (Math.random() > (rate * wave) / 20) continue;
      for (let times = 0; times < Math.ceil((rate * wave) / 20); times += 1)
        get(`${within ? inside.url : edge.url}${path}`, { localAddress: from }, (res) => res.resume()).on('error', () => {});
    }
  }, 50);
  bench.undo(() => clearInterval(asking));
  const browser = await startChromium(bench);
  await new Promise((resolve) => setTimeout(resolve, WARM));

  const shoot = async (name: string, options: BrowserContextOptions, prepare: (page: Page) => Promise<unknown> = async () => {}) => {
    const page = await (await browser.newContext({ locale: 'en', ...options })).newPage();
    await page.goto(`${edge.admin}/`);
    await page.locator('article.gateway[aria-label="private-gateway"] article.circuit').first().waitFor();
    await prepare(page);
    // Until what moves has come to rest.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await page.context().close();
  };
  const view = (name: string) => (page: Page) => page.evaluate(`location.hash = '${name}'`);
  const screen = { viewport: { width: 1200, height: 664 } };
  const phone = { viewport: { width: 360, height: 720 } };
  for (const colorScheme of ['light', 'dark'] as const) {
    await shoot(`overview-${colorScheme}`, { ...screen, colorScheme });
    await shoot(`traffic-${colorScheme}`, { ...screen, colorScheme }, view('traffic'));
    await shoot(`phone-${colorScheme}`, { ...phone, colorScheme });
  }
  await shoot('phone-service', { ...phone, colorScheme: 'light' }, (page) =>
    page.locator('article.circuit', { hasText: 'orders' }).first().getByRole('button').click(),
  );
} finally {
  await bench.clear();
}

function configuration(listening: object, edgeAdmin: number, insideAdmin: number): object {
  const route = (name: string, expose: object) => ({ name, match: { pathPrefix: `/${name}` }, service: name, expose });
  const anybody = { public: { access: 'anonymous' } };
  return {
    services: listening,
    routes: [
      route('catalogue', { public: { access: 'anonymous', rateLimit: '40/s' } }),
      route('orders', { ...anybody, private: { callers: ['reporting'] } }),
      route('users', { ...anybody, private: { callers: ['checkout'] } }),
      route('offers', anybody),
      route('stock', { private: { callers: ['checkout', 'reporting'] } }),
      route('payments', { private: { callers: ['checkout'] } }),
    ],
    public: { listen: { host: '127.0.0.1', port: 0 }, admin: { port: edgeAdmin }, drain: { grace: '0s' } },
    private: {
      listen: { host: '127.0.0.1', port: 0 },
      admin: { port: insideAdmin },
      drain: { grace: '0s' },
      callers: { checkout: { from: ['127.0.0.2'] }, reporting: { from: ['127.0.0.3'] } },
    },
    registry: { embedded: { port: 0 } },
    telemetry: { accessLog: false },
  };
}
