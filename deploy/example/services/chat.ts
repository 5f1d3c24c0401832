/** A chat of one: it says back what it hears. */
import { createServer, type Server } from 'node:http';
import { WebSocketServer } from 'ws';

export function createChat(): Server {
  const server = createServer((_req, res) => {
    res.writeHead(426, { Upgrade: 'websocket' }).end();
  });
  new WebSocketServer({ server }).on('connection', (socket, req) => {
    socket.send(`hello ${req.headers['x-user-id'] ?? 'stranger'}`);
    socket.on('message', (message) => socket.send(`you said: ${message}`));
    socket.on('error', () => socket.terminate());
  });
  return server;
}
