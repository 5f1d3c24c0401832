/**
 * The wire for protocol upgrades: http-proxy-middleware's own, with what it leaves open closed. An answer other than 101
 * becomes an ordinary `UpstreamResponse`; a 101 opens the tunnel, and the response resolves when the tunnel has closed.
 */
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Plugin, RequestHandler } from 'http-proxy-middleware';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { upstreamProblem } from './failure.ts';
import { UpstreamResponse } from './response.ts';
import { statusLineProblem } from './response-head.ts';
import { endToEndFields } from './response-headers.ts';
import { TunnelResponse } from './tunnel.ts';

type ProxyServer = Parameters<Plugin>[0];

/** One upgrade on its way, found again by the request object that the wire was given. */
export interface Upgrading {
  readonly target: Endpoint['target'];
  readonly started: (request: ClientRequest) => void;
  readonly failed: (error: unknown) => void;
}

/** Registers the events of the proxy server by which upgrades are followed. */
export function prepareUpgrades(proxyServer: ProxyServer, upgradings: WeakMap<IncomingMessage, Upgrading>): void {
  proxyServer.on('proxyReqWs', (request, req) => upgradings.get(req)?.started(request));
  // Without a listener the server would throw what its sockets report, out of everybody's reach.
  proxyServer.on('error', (error, req) => upgradings.get(req as IncomingMessage)?.failed(error));
}

const NOTHING = Buffer.alloc(0);

export function sendUpgrade(
  proxy: RequestHandler<IncomingMessage, ServerResponse>,
  upgradings: WeakMap<IncomingMessage, Upgrading>,
  attempt: Attempt,
  endpoint: Endpoint,
  idle: number,
): Promise<UpstreamResponse> {
  const { exchange } = attempt;
  const upgrade = exchange.upgrade;
  if (!upgrade) return Promise.reject(new Problem('internal-error'));
  const { protocol, head } = upgrade;
  upgrade.head = NOTHING;
  const client = exchange.req.socket;
  const where = `service ${exchange.service}: endpoint ${endpoint.authority}`;

  return new Promise((resolve, reject) => {
    // The wire takes path and fields from the request object; ctx.req itself is never changed.
    const outgoing: IncomingMessage = Object.create(exchange.req, {
      url: { value: exchange.path },
      headers: { value: { ...fieldsOf(attempt, endpoint), connection: 'Upgrade', upgrade: protocol } },
    });
    // The wire writes to the client's socket and ends it by itself; before the tunnel is open that socket still owes an answer.
    const release = hold(client);
    const listening = client.listeners('error');
    const letGo = () => {
      release();
      // The wire's listeners would be joined by others with each further try.
      for (const added of client.listeners('error')) if (!listening.includes(added)) client.off('error', added as () => void);
    };
    const settle = (error: unknown) => {
      // Not before the wire's own listeners for this very event are through.
      queueMicrotask(letGo);
      reject(upstreamProblem(error, where));
    };
    const started = (request: ClientRequest) => {
      attempt.whenAborted((problem) => request.destroy(problem));
      if (attempt.aborted) request.destroy(attempt.aborted);
      attempt.markSent();
      request.once('socket', (socket: Socket) => limitConnecting(socket, endpoint));
      // Once the wire has set its own listeners: an ordinary answer takes the way of every other answer instead (the wire would
      // write to the client by itself), and a tunnel is opened only when it is the one that was asked for.
      queueMicrotask(() => {
        const openers = request.listeners('upgrade');
        request.removeAllListeners('response').removeAllListeners('upgrade');
        request.once('response', (answer: IncomingMessage) => {
          const problem =
            // A 101 that switches to nothing at all.
            answer.statusCode === 101
              ? new Problem('upgrade-failed')
              : statusLineProblem(answer.statusCode ?? 0, answer.statusMessage ?? '');
          if (problem) {
            request.destroy(problem);
            settle(problem);
            return;
          }
          letGo();
          resolve(asResponse(answer, idle));
        });
        request.once('upgrade', (answer, upstream, upstreamHead) => {
          if (String(answer.headers.upgrade).toLowerCase() !== protocol) {
            upstream.destroy();
            settle(new Problem('upgrade-failed'));
            return;
          }
          const join = (fields: readonly string[]) => {
            release();
            answer.headers = tunnelHead(fields, protocol);
            for (const open of openers) open.call(request, answer, upstream, upstreamHead);
          };
          resolve(new TunnelResponse({ client, upstream, fields: endToEndFields(answer.rawHeaders, 101), join, idle, attempt }));
        });
      });
    };
    upgradings.set(outgoing, { target: endpoint.target, started, failed: settle });
    proxy.upgrade(outgoing, client, head);
  });
}

/** An upgrade opens a connection of its own, outside the pool and its timer. */
function limitConnecting(socket: Socket, { connectTimeout, url }: Endpoint): void {
  const timer = setTimeout(() => socket.destroy(new Problem('connect-timeout')), connectTimeout);
  const stop = () => clearTimeout(timer);
  socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', stop).once('close', stop);
}

/** Keeps others from writing to the socket or ending it, until released. */
function hold(socket: Socket): () => void {
  Object.defineProperty(socket, 'end', { value: () => socket, configurable: true });
  Object.defineProperty(socket, 'write', { value: () => true, configurable: true });
  return () => {
    Reflect.deleteProperty(socket, 'end');
    Reflect.deleteProperty(socket, 'write');
  };
}

function fieldsOf(attempt: Attempt, endpoint: Endpoint): Record<string, string | string[]> {
  const { exchange } = attempt;
  const fields: Record<string, string | string[]> = Object.create(null);
  fields['host'] = exchange.host ?? endpoint.host;
  for (const flat of [exchange.headers, attempt.headers]) {
    for (let at = 0; at < flat.length; at += 2) {
      const name = (flat[at] as string).toLowerCase();
      const earlier = fields[name];
      const value = flat[at + 1] as string;
      fields[name] = earlier === undefined ? value : [earlier, value].flat();
    }
  }
  return fields;
}

function tunnelHead(fields: readonly string[], protocol: string): Record<string, string[]> {
  const head: Record<string, string[]> = Object.create(null);
  head['Connection'] = ['Upgrade'];
  head['Upgrade'] = [protocol];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    head[name] = [...(head[name] ?? []), fields[at + 1] as string];
  }
  return head;
}

function asResponse(answer: IncomingMessage, idle: number): UpstreamResponse {
  const source = {
    pause: () => void answer.pause(),
    resume: () => void answer.resume(),
    abort: (reason: Error) => void answer.destroy(reason),
  };
  const response = new UpstreamResponse(
    answer.statusCode ?? 0,
    answer.statusMessage ?? '',
    endToEndFields(answer.rawHeaders, answer.statusCode ?? 0),
    source,
  );
  answer.on('data', (chunk: Buffer) => response.receive(chunk));
  answer.on('end', () => response.complete([]));
  answer.on('error', (error) => response.fail(error instanceof Problem ? error : new Problem('response-incomplete', { cause: error })));
  // No pool watches over this connection.
  answer.setTimeout(idle, () => answer.destroy(new Problem('idle-timeout')));
  return response;
}
