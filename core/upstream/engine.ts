/**
 * The proxy engine: one http-proxy-middleware with its default plugins ejected. Its plugin interface hands over the proxy
 * server, and there the HTTP wire is replaced by our own (http-wire.ts); for upgrades its own wire is kept
 * (upgrade-wire.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createProxyMiddleware, type Options, type Plugin } from 'http-proxy-middleware';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { sendOverHttp } from './http-wire.ts';
import type { UpstreamResponse } from './response.ts';
import { prepareUpgrades, sendUpgrade, type Upgrading } from './upgrade-wire.ts';

/**
 * What the engine is given in the request's place when it sends over HTTP, for the wire to take up again: the engine then
 * parses no URL to filter by and hangs no listener on the server, and no table has to find the sending by its request.
 */
class Sending {
  readonly url = '';
  readonly target: Endpoint['target'];
  readonly send: () => Promise<UpstreamResponse>;
  readonly resolve: (response: UpstreamResponse) => void;
  readonly reject: (error: unknown) => void;

  constructor(target: Endpoint['target'], { send, resolve, reject }: Pick<Sending, 'send' | 'resolve' | 'reject'>) {
    this.target = target;
    this.send = send;
    this.resolve = resolve;
    this.reject = reject;
  }
}

export interface Engine {
  /** Sends one attempt to its endpoint. @param idle milliseconds without a byte, once the answer has begun */
  send(attempt: Attempt, idle: number): Promise<UpstreamResponse>;
}

export function createEngine(): Engine {
  const upgradings = new WeakMap<IncomingMessage, Upgrading>();

  const ownWire: Plugin = (proxyServer) => {
    proxyServer.web = (request: unknown) => {
      if (request instanceof Sending) request.send().then(request.resolve, request.reject);
      return Promise.resolve();
    };
    prepareUpgrades(proxyServer, upgradings);
  };

  const targetOf = (req: IncomingMessage | Sending, perRequest: Options<IncomingMessage, ServerResponse>) => {
    if (req instanceof Sending) return req.target;
    const upgrading = upgradings.get(req);
    // Otherwise node takes the name to verify from the Host, which is the client's.
    if (upgrading) perRequest.ssl = { servername: upgrading.target.servername };
    return upgrading?.target ?? '';
  };
  const options: Options<IncomingMessage, ServerResponse> = {
    // Each attempt brings its own target; nothing of the request ever chooses one.
    router: (req, _res, perRequest) => targetOf(req, perRequest),
    pathFilter: () => true,
    ejectPlugins: true,
    plugins: [ownWire],
    logger: { info() {}, warn() {}, error() {} },
  };
  const proxy = createProxyMiddleware(options);

  return {
    send(attempt, idle) {
      const { endpoint, exchange } = attempt;
      if (!endpoint) return Promise.reject(new Problem('no-endpoint'));
      if (exchange.upgrade) return sendUpgrade(proxy, upgradings, attempt, endpoint, idle);
      return new Promise((resolve, reject) => {
        const send = () => sendOverHttp(attempt, endpoint, idle);
        const sending: unknown = new Sending(endpoint.target, { send, resolve, reject });
        // Called only when the engine would not proxy at all.
        const refused = (cause?: unknown) => reject(new Problem('internal-error', { cause }));
        proxy(sending as IncomingMessage, exchange.res, refused).catch(refused);
      });
    },
  };
}
