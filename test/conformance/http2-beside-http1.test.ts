/** The port that speaks HTTP/2 serves clients of HTTP/1.1 too, by ALPN (RFC 7301), and waits forever for neither. */
import { expect } from 'chai';
import { fieldsOf } from './support/answers.ts';
import { secureStage } from './support/secure-stage.ts';

describe('HTTP/1.1 beside HTTP/2', () => {
  const on = secureStage();

  it('a client of HTTP/1.1 is served on the same port, WebSockets included', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      wire.send(
        head.includes('upgrade')
          ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi'
          : 'HTTP/1.1 204 No Content\r\n\r\n',
      );
    });
    const gateway = await on.secure(upstream, { route: { upgrade: ['websocket'] } });
    const plain = await (await on.http1(gateway)).send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed;
    expect(plain).to.match(/^HTTP\/1\.1 204 /);
    expect(fieldsOf((await upstream.wire(0)).received, 'x-forwarded-proto')).to.deep.equal(['https']);
    const tunnel = (await on.http1(gateway)).send(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect(await tunnel.has(/hi$/)).to.match(/^HTTP\/1\.1 101 /);
  });

  it('a client of HTTP/1.1 upgrades to nothing else there', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const gateway = await on.secure(upstream, { route: { upgrade: ['websocket'] } });
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const head of ['GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c', 'POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket']) {
      const bytes = `${head}\r\nConnection: Upgrade, close\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`;
      const received = await (await on.http1(gateway)).send(bytes).closed;
      expect(received.match(/^HTTP\/1\.1 \d+/gm), received).to.deep.equal(['HTTP/1.1 200']);
    }
    for (const { received } of upstream.wires) {
      expect(fieldsOf(received, 'upgrade')).to.deep.equal([]);
      expect(fieldsOf(received, 'content-length')).to.deep.equal([String(smuggled.length)]);
    }
  });

  it('a connection that never finishes its handshake, or its head, is closed in time', async () => {
    const gateway = await on.secure(await on.service(), { public: { limits: { headersTimeout: '300ms' } } });
    await (await on.client(gateway)).closed;
    await (await on.http1(gateway)).send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ').closed;
  });
});
