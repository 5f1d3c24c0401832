/** The demo's shop, traced: orders asks stock through the private gateway; and beside them what can go wrong. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bench, freePort } from './bench.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { startIssuer } from './issuer.ts';
import type { Jaeger } from './jaeger.ts';
import { startTracedService } from './traced-service.ts';

export interface TracedPair {
  readonly publicGateway: Gateway;
  readonly privateGateway: Gateway;
  /** `Authorization` of ada, with these scopes. */
  authorization(scope: string): Promise<string>;
  /** Ends all, so that every span is sent. */
  stop(): Promise<void>;
}

const contract = join(import.meta.dirname, '../../../deploy/example/contracts/orders.openapi.yaml');

export async function startTracedPair(bench: Bench, { otlp }: Jaeger): Promise<TracedPair> {
  const issuer = await startIssuer(bench);
  const [orders, stock, offers, search, dead] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
  const openapi = await bench.file('orders.openapi.yaml', await readFile(contract, 'utf8'));
  const configuration = {
    services: {
      orders: { endpoints: [`http://127.0.0.1:${orders}`], openapi },
      stock: { endpoints: [`http://127.0.0.1:${stock}`] },
      // One of the two is down, so that the other is tried.
      reviews: { endpoints: [`http://127.0.0.1:${dead}`, `http://127.0.0.1:${stock}`], balancer: 'roundRobin' },
      offers: { endpoints: [`http://127.0.0.1:${offers}`], circuitBreaker: { requestVolume: 2 } },
      search: { endpoints: [`http://127.0.0.1:${search}`], timeouts: { attempt: '600ms', request: '2s' }, retry: { attempts: 1 } },
    },
    routes: [
      {
        name: 'place-order',
        match: { path: '/orders', methods: ['POST'] },
        service: 'orders',
        validate: { request: 'enforce' },
        expose: { public: { scopes: ['orders:write'] } },
      },
      ...['reviews', 'offers', 'search'].map((name) => ({
        name,
        match: { path: `/${name}` },
        service: name,
        expose: { public: { access: 'anonymous' } },
      })),
      { name: 'catalogue', match: { path: '/catalogue' }, service: 'stock', expose: { public: { access: 'anonymous', rateLimit: '1/h' } } },
      { name: 'stock', match: { path: '/stock/{item}' }, service: 'stock', expose: { private: { callers: ['orders'] } } },
      { name: 'count', match: { path: '/count' }, service: 'stock', expose: { private: { callers: ['reporting'] } } },
    ],
    public: { listen: anywhere, admin: anywhere, jwt: issuer.jwt },
    private: {
      listen: anywhere,
      admin: anywhere,
      callers: { orders: { from: ['127.0.0.1'] }, reporting: { from: ['127.0.0.3'] } },
    },
    telemetry: { otlp, sampling: '100%' },
  };
  const file = await bench.file('postern.yaml', JSON.stringify(configuration));
  const privateGateway = await startGateway(bench, 'private-gateway', file);
  const publicGateway = await startGateway(bench, 'public-gateway', file);
  const sent = await Promise.all([
    startTracedService(bench, {
      name: 'orders',
      port: orders,
      otlp,
      handle: async (_, fetch) => ((await fetch(`${privateGateway.url}/stock/lamp`)) === 200 ? 201 : 500),
    }),
    startTracedService(bench, { name: 'stock', port: stock, otlp, handle: async () => 200 }),
    startTracedService(bench, { name: 'offers', port: offers, otlp, handle: async () => 500 }),
    // Never answers.
    startTracedService(bench, { name: 'search', port: search, otlp, handle: async () => 0 }),
  ]);
  return {
    publicGateway,
    privateGateway,
    authorization: async (scope) => `Bearer ${await issuer.token('ada', { scope })}`,
    async stop() {
      await Promise.all([publicGateway.stop(), privateGateway.stop(), ...sent.map((send) => send())]);
    },
  };
}

const anywhere = { host: '127.0.0.1', port: 0 };
