import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import WebSocket, { WebSocketServer } from 'ws';
import { open as connect, until } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { atRest, holding, placesOf } from './support/holding.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what lasts as long as its client likes holds no place at a service', () => {
  const servers = serversOfThisSuite();
  const withOnePlace = (url: string, route: object = {}) =>
    servers.public(open(url, { route, service: { concurrency: { limit: 1 }, circuitBreaker: { force: 'closed' } } }));

  it('many WebSockets are open at a service with one place, and it answers', async () => {
    const server = createServer((_, res) => void res.end('answered'));
    const chat = new WebSocketServer({ server });
    chat.on('connection', (socket) => socket.on('message', (message) => socket.send(message)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.defer(() => server.close());
    const { port } = server.address() as AddressInfo;
    const gateway = await withOnePlace(`http://127.0.0.1:${port}`, { upgrade: ['websocket'] });
    const clients: WebSocket[] = [];
    for (let count = 0; count < 10; count += 1) {
      const client = new WebSocket(`ws://127.0.0.1:${gateway.port}`);
      servers.defer(() => client.terminate());
      await once(client, 'open');
      clients.push(client);
    }
    expect((await placesOf(gateway)).inFlight).to.equal(0);
    expect((await ask(gateway.port)).body).to.equal('answered');
    for (const [index, client] of clients.entries()) {
      client.send(String(index));
      const [echo] = await once(client, 'message');
      expect(String(echo)).to.equal(String(index));
    }
    for (const client of clients) client.close();
    await Promise.all(clients.map((client) => once(client, 'close')));
    // One that ends gives nothing back that it had given back before.
    expect(await placesOf(gateway)).to.deep.equal({ limit: 1, inFlight: 0, rejected: {} });
  });

  it('one that is being opened does', async () => {
    const sockets: Socket[] = [];
    const service = await servers.rawUpstream((socket) => void sockets.push(socket));
    const gateway = await withOnePlace(service.url, { upgrade: ['websocket'] });
    const opening = new WebSocket(`ws://127.0.0.1:${gateway.port}`);
    const failed = once(opening, 'error');
    while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await ask(gateway.port)).json()['code']).to.equal('concurrency-limited');
    opening.terminate();
    await failed;
    await atRest(gateway);
  });

  it('nor does the stream of an EventSource, once it has begun', async () => {
    const streams: { write(text: string): unknown }[] = [];
    const service = await servers.upstream((req, res) => {
      if (req.headers.accept !== 'text/event-stream') return void res.end('answered');
      res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write('data: first\n\n');
      streams.push(res);
    });
    const gateway = await withOnePlace(service.url);
    const clients: Socket[] = [];
    for (let count = 0; count < 10; count += 1) {
      const client = await connect(gateway.port);
      client.on('error', () => {}).write('GET /events HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n');
      await until(client, (received) => received.includes('data: first'));
      clients.push(client);
    }
    expect((await placesOf(gateway)).inFlight).to.equal(0);
    expect((await ask(gateway.port)).body).to.equal('answered');
    for (const [index, client] of clients.entries()) {
      const next = until(client, (received) => received.includes(`data: ${index}\n\n`));
      streams[index]?.write(`data: ${index}\n\n`);
      await next;
      client.destroy();
    }
    expect(await placesOf(gateway)).to.deep.equal({ limit: 1, inFlight: 0, rejected: {} });
  });

  it('while any other answer does until it ends, whatever the client asked for', async () => {
    const service = await holding(servers);
    const gateway = await withOnePlace(service.url);
    const download = ask(gateway.port, '/', { headers: { accept: 'text/event-stream' } });
    await service.holds(1);
    service.held[0]?.res.write('once upon a time');
    expect((await ask(gateway.port)).json()['code']).to.equal('concurrency-limited');
    service.answer();
    expect((await download).status).to.equal(200);
    await atRest(gateway);
  });
});
