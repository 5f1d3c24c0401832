import { expect } from 'chai';
import WebSocket, { WebSocketServer } from 'ws';
import { open as connect, untilClosed } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('What is not finished at the deadline is cut', () => {
  const servers = serversOfThisSuite();

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`a request without an answer, an answer without an end, an open WebSocket: ${signal}`, async () => {
      const upstream = await servers.upstream((req, res) => {
        if (req.url === '/endless') res.write('once upon a time ');
      });
      const chat = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      servers.defer(() => chat.close());
      await new Promise((resolve) => chat.once('listening', resolve));
      const route = {
        name: 'chat',
        match: { path: '/chat' },
        service: 'chat',
        upgrade: ['websocket'],
        expose: { public: { access: 'anonymous' } },
      };
      const given = open(upstream.url, { public: { drain: { grace: '0ms', deadline: '300ms' } } });
      const { port: chatPort } = chat.address() as { port: number };
      const gateway = await run(servers, 'public', {
        ...given,
        services: { ...given.services, chat: { endpoints: [`ws://127.0.0.1:${chatPort}`] } },
        routes: [...(given.routes ?? []), route],
      });

      const stuck = ask(gateway.port, '/stuck');
      const endless = await connect(gateway.port);
      endless.write('GET /endless HTTP/1.1\r\nHost: a\r\n\r\n');
      const told = untilClosed(endless);
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/chat`);
      const [peer] = await Promise.all([
        new Promise<WebSocket>((resolve) => chat.once('connection', resolve)),
        new Promise((resolve) => socket.once('open', resolve)),
      ]);
      const hungUp = [socket, peer].map((end) => new Promise((resolve) => end.once('close', resolve)));
      await eventually(
        () => upstream.requests.length,
        (count) => count === 2,
      );

      const since = performance.now();
      gateway.child.kill(signal);
      const { code, stderr, stdout } = await gateway.ended;
      expect(performance.now() - since).to.be.within(290, 5_000);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/"event":"drained","cut":3/);
      expect((await stuck).status).to.equal(0);
      expect(await told).to.match(/once upon a time \r\n$/);
      expect(await Promise.all(hungUp)).to.deep.equal([1006, 1006]);
    });
});
