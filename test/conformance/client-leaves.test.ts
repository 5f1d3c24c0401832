/** A client that leaves takes its request with it: the service is not left to work for nobody. */
import { expect } from 'chai';
import { stage } from './support/stage.ts';
import type { Wire } from './support/wire.ts';

describe('a client that leaves', () => {
  const on = stage();

  const ways: Record<string, (client: Wire) => unknown> = {
    'with a reset': (client) => client.reset(),
    'with an end': (client) => client.socket.destroy(),
  };

  for (const [how, leave] of Object.entries(ways)) {
    it(`before the answer, ${how}, cancels the request`, async () => {
      const upstream = await on.scripted((wire) => wire.head());
      const gateway = await on.gateway(upstream);
      const client = await on.client(gateway);
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      const wire = await upstream.wire(0);
      await wire.head();
      leave(client);
      await wire.closed;
      await gateway.drain();
      const line = gateway.logged().find((record) => record['event'] === 'request');
      expect(line?.['problem']).to.equal('client-closed');
      expect(line?.['outcome']).to.equal('ignored');
    });

    it(`during its upload, ${how}, cancels the request`, async () => {
      const upstream = await on.scripted(() => {});
      const client = await on.client(await on.gateway(upstream));
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhello');
      const wire = await upstream.wire(0);
      await wire.has('hello');
      leave(client);
      await wire.closed;
    });

    it(`during a chunked upload, ${how}, never makes it look whole`, async () => {
      const upstream = await on.scripted(() => {});
      const client = await on.client(await on.gateway(upstream));
      client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
      const wire = await upstream.wire(0);
      await wire.has('hello');
      leave(client);
      expect(await wire.closed).to.match(/5\r\nhello(?:\r\n)?$/);
    });

    it(`during the answer, ${how}, cancels the request`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        wire.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
      });
      const client = await on.client(await on.gateway(upstream));
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.has('hello');
      leave(client);
      await (await upstream.wire(0)).closed;
    });
  }

  it('during the handshake of an upgrade, with a reset, cancels it', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const client = await on.client(await on.gateway(upstream, { route: { upgrade: ['websocket'] } }));
    client.send(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const wire = await upstream.wire(0);
    await wire.head();
    client.reset();
    await wire.closed;
  });
});
