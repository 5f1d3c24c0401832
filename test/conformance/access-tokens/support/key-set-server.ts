/** An issuer's key set on a real socket, that can be changed, broken and counted. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestKey } from './issuer.ts';

export interface KeySetServer {
  readonly url: string;
  /** How often it was asked. */
  readonly asked: number;
  publish(...keys: readonly (TestKey | Readonly<Record<string, unknown>>)[]): void;
  /** Answers as the listener says from now on. */
  answer(listener: RequestListener): void;
  /** Resolves when the next request has arrived. */
  nextRequest(): Promise<void>;
  close(): Promise<void>;
}

export async function keySetServer(...keys: readonly (TestKey | Readonly<Record<string, unknown>>)[]): Promise<KeySetServer> {
  let asked = 0;
  let arrived = Promise.withResolvers<void>();
  let listener: RequestListener = (_request, response) => response.end('{}');
  const server = createServer((request, response) => {
    asked++;
    arrived.resolve();
    arrived = Promise.withResolvers();
    listener(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const self: KeySetServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    get asked() {
      return asked;
    },
    publish(...published) {
      const body = JSON.stringify({ keys: published.map((key) => ('jwk' in key ? key.jwk : key)) });
      listener = (_request, response) => response.setHeader('content-type', 'application/json').end(body);
    },
    answer(next) {
      listener = next;
    },
    nextRequest: () => arrived.promise,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  self.publish(...keys);
  return self;
}
