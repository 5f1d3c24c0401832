/** A programmable service on a real socket: an ordinary HTTP server, or a raw one that may delay, cut and lie. */
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createRawServer, type Server as RawServer, type Socket } from 'node:net';

export interface Upstream {
  readonly url: string;
  readonly port: number;
  /** Requests received so far (an HTTP server's), in order. */
  readonly requests: IncomingMessage[];
  /** Connections accepted so far. */
  readonly connections: Socket[];
  close(): Promise<void>;
}

/** An HTTP service. By default it answers 200 with what it received, as JSON (see `Echo`). */
export async function startUpstream(listener: RequestListener = echo): Promise<Upstream> {
  const requests: IncomingMessage[] = [];
  const server = createServer((req, res) => {
    requests.push(req);
    listener(req, res);
  });
  return listening(server, requests);
}

/** A service that speaks for itself, byte by byte. `onHead` is called when a whole request head is in. */
export async function startRawUpstream(onHead: (socket: Socket, head: string, count: number) => void): Promise<Upstream> {
  let count = 0;
  const server = createRawServer((socket) => {
    socket.on('error', () => {});
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      for (let end = received.indexOf('\r\n\r\n'); end !== -1; end = received.indexOf('\r\n\r\n')) {
        const head = received.slice(0, end);
        received = received.slice(end + 4);
        count += 1;
        onHead(socket, head, count);
      }
    });
  });
  return listening(server, []);
}

/** What the default listener answers. */
export interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  rawHeaders: string[];
  body: string;
}

export const echo: RequestListener = (req, res) => {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => {
    const body = JSON.stringify({
      method: req.method,
      url: req.url,
      headers: req.headers,
      rawHeaders: req.rawHeaders,
      body: Buffer.concat(chunks).toString(),
    });
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
  });
};

async function listening(server: Server | RawServer, requests: IncomingMessage[]): Promise<Upstream> {
  const connections: Socket[] = [];
  server.on('connection', (socket: Socket) => connections.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connections) socket.destroy();
      }),
  };
}
