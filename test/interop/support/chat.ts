/** Two real servers that upgrade: `ws` at `/chat`, an echo; socket.io at `/socket.io`, which acknowledges what it hears. */
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import type { Bench } from './bench.ts';

export interface Chat {
  readonly url: string;
  /** Sockets opened so far, of both kinds. */
  opened(): number;
  /** The server's side of every WebSocket closed so far: `CODE REASON`. */
  readonly closed: readonly string[];
}

export async function startChat(bench: Bench): Promise<Chat> {
  const server = createServer((_request, response) => response.writeHead(404).end());
  const closed: string[] = [];
  let opened = 0;

  const io = new Server(server, { destroyUpgrade: false });
  io.on('connection', (socket) => {
    opened += 1;
    socket.on('say', (word: unknown, acknowledge: (answer: unknown) => void) => acknowledge(word));
  });

  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  server.on('upgrade', (request, socket, head) => {
    if (!request.url?.startsWith('/chat')) return;
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      opened += 1;
      webSocket.on('message', (data, binary) => webSocket.send(data, { binary }));
      webSocket.on('close', (code, reason) => closed.push(`${code} ${reason}`));
    });
  });

  const port = await bench.listen(server);
  bench.undo(() => {
    for (const socket of sockets.clients) socket.terminate();
    return io.close();
  });
  return { url: `http://127.0.0.1:${port}`, opened: () => opened, closed };
}
