/** Who does not read stops who writes, through the gateway, and nothing is gathered in between but what sockets hold. */
import { expect } from 'chai';
import { stage } from './support/stage.ts';
import type { Wire } from './support/wire.ts';

/** What the buffers of two connections and of one gateway can hold on any machine. */
const BOUND = 40 << 20;
const PIECE = Buffer.alloc(1 << 16, 'x');

describe('back pressure', () => {
  const on = stage();

  /** Writes for ever, as fast as it is let. @returns how much it got rid of */
  function pour(wire: Wire, wrap = (piece: Buffer) => piece): { poured: number } {
    const count = { poured: 0 };
    const more = () => {
      if (!wire.socket.writable || count.poured > 4 * BOUND) return;
      wire.socket.write(wrap(PIECE), () => {
        count.poured += PIECE.length;
        more();
      });
    };
    more();
    return count;
  }

  it('a client that does not read stops the service, and is cut when it does not read for long', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n');
      pouring.resolve(pour(wire));
    });
    const pouring = Promise.withResolvers<{ poured: number }>();
    const gateway = await on.gateway(upstream, { service: { timeouts: { idle: '300ms' } } });
    const client = await on.client(gateway);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const count = await pouring.promise;
    await (await upstream.wire(0)).closed;
    expect(count.poured).to.be.below(BOUND);
  });

  it('a client that reads slowly gets everything', async () => {
    const size = 16 << 20;
    const upstream = await on.service((_req, res) => void res.writeHead(200, { 'content-length': size }).end(Buffer.alloc(size, 'y')));
    const client = await on.client(await on.gateway(upstream));
    let bytes = 0;
    client.socket.removeAllListeners('data');
    client.socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      client.socket.pause();
      setImmediate(() => client.socket.resume());
    });
    await client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed;
    expect(bytes).to.be.above(size);
  });

  it('a service that does not read stops the client', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.socket.pause();
    });
    const gateway = await on.gateway(upstream, { service: { timeouts: { idle: '300ms' } }, public: { limits: { body: '1GiB' } } });
    const client = await on.client(gateway);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
    const count = pour(client);
    await client.has('504');
    expect(count.poured).to.be.below(BOUND);
  });

  for (const who of ['client', 'service'] as const) {
    it(`a ${who} that does not read stops the other end of a tunnel`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        if (who === 'service') wire.socket.pause();
        wire.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
        if (who === 'client') pouring.resolve(pour(wire));
      });
      const pouring = Promise.withResolvers<{ poured: number }>();
      const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] }, service: { timeouts: { idle: '400ms' } } });
      const client = await on.client(gateway);
      client.send(
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      await client.head();
      if (who === 'client') client.socket.pause();
      else pouring.resolve(pour(client));
      const count = await pouring.promise;
      // Nothing moves any more: the idle limit ends the tunnel, for both.
      await (who === 'client' ? (await upstream.wire(0)).closed : client.closed);
      expect(count.poured).to.be.below(BOUND);
    });
  }
});
