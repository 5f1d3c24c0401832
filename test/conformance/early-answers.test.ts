/** An answer that comes before the upload is whole reaches the client, whatever becomes of the rest (RFC 9112 section 9.3). */
import { expect } from 'chai';
import { bodyOf } from './support/answers.ts';
import { stage } from './support/stage.ts';
import type { Wire } from './support/wire.ts';

const BIG = 8 << 20;
const body = '{"no":"thanks"}';
const refusal = (status: string) => `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

describe('an early answer', () => {
  const on = stage();

  /** Sends all of the upload, as a client does that looks at the answer only when it is done, or cannot go on. */
  async function upload(client: Wire, framing: 'length' | 'chunked'): Promise<string> {
    const head = framing === 'length' ? `Content-Length: ${BIG}` : 'Transfer-Encoding: chunked';
    client.send(`POST / HTTP/1.1\r\nHost: a\r\n${head}\r\n\r\n`);
    const piece = Buffer.alloc(1 << 16, 'x');
    for (let sent = 0; sent < BIG && client.socket.writable; sent += piece.length) {
      if (framing === 'chunked') client.send('10000\r\n');
      client.send(piece);
      if (framing === 'chunked') client.send('\r\n');
      if (client.socket.writableNeedDrain) {
        await Promise.race([new Promise((resolve) => client.socket.once('drain', resolve)), client.closed]);
      }
    }
    if (framing === 'chunked' && client.socket.writable) client.send('0\r\n\r\n');
    return client.has(/\r\n\r\n\{.*\}$/s);
  }

  const services: Record<string, (wire: Wire) => Promise<unknown> | unknown> = {
    'and reads on': (wire) => wire,
    'and closes when it was sent': (wire) => wire.socket.end(),
    'and destroys its connection': (wire) => wire.socket.destroySoon(),
    'and resets its connection': (wire) => wire.socket.write('', () => wire.reset()),
    'and reads no more': (wire) => wire.socket.pause(),
  };
  for (const framing of ['length', 'chunked'] as const) {
    for (const [what, then] of Object.entries(services)) {
      it(`of a service that says 413 ${what}, reaches the client (${framing})`, async () => {
        const upstream = await on.scripted(async (wire) => {
          await wire.head();
          wire.send(refusal('413 Content Too Large'));
          await then(wire);
        });
        const client = await on.client(await on.gateway(upstream));
        const received = await upload(client, framing);
        expect(received.slice(0, 200)).to.match(/^HTTP\/1\.1 413 /);
        expect(bodyOf(received)).to.equal(body);
      });
    }

    it(`of a service that says 401 after a part of the upload, and resets, reaches the client (${framing})`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.has((received) => received.length > 300_000);
        wire.send(refusal('401 Unauthorized'));
        wire.socket.write('', () => wire.reset());
      });
      const received = await upload(await on.client(await on.gateway(upstream)), framing);
      expect(received.slice(0, 200)).to.match(/^HTTP\/1\.1 401 /);
    });

    it(`of the gateway itself reaches the client: no token (${framing})`, async () => {
      const upstream = await on.scripted(() => {});
      const jwt = { issuer: 'https://id.example/', audience: 'a', secret: 's'.repeat(32), algorithms: ['HS256'] };
      const gateway = await on.gateway(upstream, { route: { expose: { public: {} } }, public: { jwt } });
      const received = await upload(await on.client(gateway), framing);
      expect(received.slice(0, 200)).to.match(/^HTTP\/1\.1 401 /);
      expect(upstream.wires).to.have.length(0);
    });

    it(`of the gateway itself reaches the client: too large (${framing})`, async () => {
      const upstream = await on.scripted((wire) => wire.head());
      const gateway = await on.gateway(upstream, { public: { limits: { body: '1MiB' } } });
      const received = await upload(await on.client(gateway), framing);
      expect(received.slice(0, 200)).to.match(/^HTTP\/1\.1 413 /);
      expect(JSON.parse(bodyOf(received)).code).to.equal('body-too-large');
    });
  }

  it('reaches even a client that reads nothing before it has sent everything', async () => {
    const gateway = await on.gateway(await on.scripted((wire) => wire.head()), { public: { limits: { body: '1KiB' } } });
    const client = await on.client(gateway);
    client.socket.pause();
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${BIG}\r\n\r\n`);
    await new Promise<void>((resolve, reject) => {
      client.socket.write(Buffer.alloc(BIG), (error) => (error ? reject(error) : resolve()));
    });
    client.socket.resume();
    expect(await client.closed).to.match(/^HTTP\/1\.1 413 /);
  });

  it('of a service is not the end of the connection when the upload is small', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.send(refusal('403 Forbidden'));
    });
    const client = await on.client(await on.gateway(upstream));
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234');
    await client.has('thanks');
    client.send('56789GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.has((received) => received.split('HTTP/1.1 403').length === 3);
  });

  it('does not keep a client that never stops sending', async () => {
    const gateway = await on.gateway(await on.scripted((wire) => wire.head()), {
      public: { limits: { body: '1KiB', headersTimeout: '300ms', requestTimeout: '400ms' } },
    });
    const client = await on.client(gateway);
    client.socket.allowHalfOpen = true;
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = () => void (client.socket.writable && client.socket.write(`400\r\n${'x'.repeat(0x400)}\r\n`, more));
    more();
    expect(await client.closed).to.match(/^HTTP\/1\.1 413 /);
  });
});
