/** The peer of the same language: @fastify/http-proxy on a port, in front of an origin. Run by peers.ts. */
import { createRequire } from 'node:module';

interface Fastify {
  register(plugin: unknown, options: object): Fastify;
  listen(options: { host: string; port: number }): Promise<string>;
}

interface IncomingRequest {
  headers: Record<string, string | string[] | undefined>;
  socket: { remoteAddress?: string };
}

// Loaded at run time: the peers are not among the packages that the type check of the repository sees.
const load = createRequire(import.meta.url);
const fastify: (options: object) => Fastify = load('fastify');
const httpProxy: unknown = load('@fastify/http-proxy');

const [port, origin] = process.argv.slice(2);

await fastify({ logger: false, keepAliveTimeout: 3_600_000 })
  .register(httpProxy, {
    upstream: origin,
    undici: { connections: 512, pipelining: 1, keepAliveTimeout: 60_000 },
    replyOptions: {
      rewriteRequestHeaders: (request: IncomingRequest, headers: Record<string, string>) => ({
        ...headers,
        'x-forwarded-for': request.socket.remoteAddress,
        'x-forwarded-proto': 'http',
        'x-forwarded-host': request.headers.host,
      }),
    },
  })
  .listen({ host: '127.0.0.1', port: Number(port) });
