/**
 * Sends a try over its wire: HTTP over our own (http-wire.ts), an upgrade over that of http-proxy-middleware
 * (upgrade-wire.ts), of which there is one, with its default plugins ejected.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createProxyMiddleware, type Options } from 'http-proxy-middleware';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { sendOverHttp } from './http-wire.ts';
import type { UpstreamResponse } from './response.ts';
import { prepareUpgrades, sendUpgrade, type Upgrading } from './upgrade-wire.ts';

export interface Engine {
  /** Sends one attempt to its endpoint. @param idle milliseconds without a byte, once the answer has begun */
  send(attempt: Attempt, idle: number): Promise<UpstreamResponse>;
}

export function createEngine(): Engine {
  const upgradings = new WeakMap<IncomingMessage, Upgrading>();
  const options: Options<IncomingMessage, ServerResponse> = {
    // Each attempt brings its own target; nothing of the request ever chooses one.
    router(req, _res, perRequest) {
      const target = upgradings.get(req)?.target;
      // Otherwise node takes the name to verify from the Host, which is the client's.
      if (target) perRequest.ssl = { servername: target.servername };
      return target ?? '';
    },
    pathFilter: () => true,
    ejectPlugins: true,
    plugins: [(proxyServer) => prepareUpgrades(proxyServer, upgradings)],
    logger: { info() {}, warn() {}, error() {} },
  };
  const proxy = createProxyMiddleware(options);

  return {
    send(attempt, idle) {
      const { endpoint, exchange } = attempt;
      if (!endpoint) return Promise.reject(new Problem('no-endpoint'));
      return exchange.upgrade ? sendUpgrade(proxy, upgradings, attempt, endpoint, idle) : sendOverHttp(attempt, endpoint, idle);
    },
  };
}
