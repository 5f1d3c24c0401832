/** Listening: the server of a gateway, HTTP or HTTPS with HTTP/2, with node's own guards set from `limits`. */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import { calledHere } from '../config/hosts.ts';
import type { GatewayConfig } from '../config/schema/index.ts';
import { hasBody } from '../upstream/has-body.ts';
import { wantsWebSocket } from '../upstream/upgrade-head.ts';
import { lingerAfter } from './linger.ts';
import { refuseMalformed } from './malformed.ts';
import { readTls } from './tls.ts';

export type Handle = (req: IncomingMessage, res: ServerResponse, upgradeHead?: Buffer) => void;

export interface ListenOptions {
  settings: GatewayConfig;
  /** The folder that certificate paths are relative to. */
  directory: string;
  handle: Handle;
  /** Told why a connection or a request never became one: metrics. */
  onRefused: (reason: string) => void;
}

export type AnyServer = Server | Http2SecureServer;

const KEEP_ALIVE = 65_000;
/** HTTP/2 streams a connection may have at once; Envoy's advice for the edge. */
const STREAMS = 100;

export const http2Settings = ({ headers }: Pick<GatewayConfig['limits'], 'headers'>) => ({
  maxConcurrentStreams: STREAMS,
  maxHeaderListSize: headers,
});

export function createGatewayServer({ settings, directory, handle, onRefused }: ListenOptions): AnyServer {
  const { limits, listen } = settings;
  const options = {
    maxHeaderSize: limits.headers,
    headersTimeout: limits.headersTimeout,
    requestTimeout: limits.requestTimeout,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeout),
    keepAliveTimeout: KEEP_ALIVE,
    keepAlive: true,
    noDelay: true,
    insecureHTTPParser: false,
    // A request without a body is no stream that somebody has to read to its end.
    optimizeEmptyRequests: true,
    // The Host is judged with everything else, so that the refusal is a problem document too.
    requireHostHeader: false,
  };
  const server: AnyServer = listen.tls
    ? createSecureServer({
        ...options,
        ...readTls(listen.tls, directory),
        allowHTTP1: true,
        handshakeTimeout: limits.headersTimeout,
        settings: http2Settings(limits),
      })
    : createServer(options);
  // Set here, for an HTTP/2 server takes neither as an option for its HTTP/1 connections.
  Object.assign(server, {
    // Node cuts the list of fields at this count without a word; limits.ts counts them instead.
    maxHeadersCount: 0,
    shouldUpgradeCallback: wantsWebSocket,
  });
  server.maxConnections = limits.connections;

  const onRequest = (req: IncomingMessage, res: ServerResponse) => {
    if (req.httpVersionMajor < 2 && hasBody(req)) lingerAfter(req, res);
    handle(req, res);
  };
  server.on('request', onRequest as never);
  // The 100 is sent when the upload is first read: not to one who is refused.
  server.on('checkContinue', onRequest as never);
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => handle(req, responseOn(req, socket), head));
  // No tunnels; but a refusal is told as every other. (An HTTP/2 server answers by itself: 405.)
  server.on('connect', (req: IncomingMessage, socket: Duplex | Http2ServerResponse) => {
    if (!(socket instanceof Http2ServerResponse)) handle(req, responseOn(req, socket));
    else socket.writeHead(405).end();
  });
  // Node has a keep-alive timeout for HTTP/1 alone. Closed so, what is under way is finished.
  server.on('session', (session: ServerHttp2Session) => session.setTimeout(KEEP_ALIVE, () => session.close()));
  server.on('clientError', (error: Error, socket: Duplex) => onRefused(refuseMalformed(error, socket)));
  server.on('drop', () => onRefused('too-many-connections'));
  return server;
}

/** The ordinary response object of a request that came as an upgrade, so that it can be refused like any other. */
function responseOn(req: IncomingMessage, socket: Duplex): ServerResponse {
  const res = new ServerResponse(req);
  // A socket without a listener would throw its reset out of everybody's reach.
  socket.on('error', () => {});
  // Node no longer sees that the client hangs up; in an open tunnel its end is passed on.
  socket.once('end', () => {
    if (res.statusCode !== 101 && !res.writableEnded) socket.destroy();
  });
  res.shouldKeepAlive = false;
  res.assignSocket(socket as never);
  res.on('finish', () => {
    res.detachSocket(socket as never);
    (socket as Duplex & { destroySoon(): void }).destroySoon();
  });
  return res;
}

/** Starts listening. @throws the system's error, e.g. EADDRINUSE */
export function listenOn(server: AnyServer, { host, port }: { host: string; port: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve(addressOf(server));
    });
  });
}

/** `host:port` as a URL has it. */
function addressOf(server: AnyServer): string {
  const address = server.address();
  if (address === null || typeof address === 'string') return String(address);
  return calledHere({ host: address.address, port: address.port });
}
