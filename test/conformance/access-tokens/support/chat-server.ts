/** A WebSocket service that echoes, and remembers what it was asked with. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface ChatServer {
  readonly url: string;
  /** Connections accepted so far. */
  readonly connections: number;
  /** The raw header fields of the last handshake. */
  lastFields(): readonly string[];
  close(): Promise<void>;
}

export async function chatServer(): Promise<ChatServer> {
  let connections = 0;
  let fields: readonly string[] = [];
  const server = createServer((_request, response) => response.writeHead(426).end());
  server.on('connection', () => {
    connections++;
  });
  server.prependListener('upgrade', ({ rawHeaders }) => {
    fields = rawHeaders;
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket: WebSocket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => socket.send(data.toString()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return connections;
    },
    lastFields: () => fields,
    async close() {
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A text frame of a client, masked with zeros (RFC 6455 section 5.2). */
export const masked = (text: string): Buffer => Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
