/** A body may have so many bytes, announced or counted; beyond, the client is told (RFC 9110 section 15.5.14). */
import { expect } from 'chai';
import { bodyOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

describe('the limit for bodies', () => {
  const on = stage();

  it('refuses by Content-Length before anything is sent', async () => {
    const upstream = await on.scripted(() => {});
    const gateway = await on.gateway(upstream, { public: { limits: { body: '1KiB' } } });
    const received = await (await on.client(gateway)).send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1025\r\n\r\n').closed;
    expect(received).to.match(/^HTTP\/1\.1 413 /);
    expect(JSON.parse(bodyOf(received)).code).to.equal('body-too-large');
    expect(upstream.wires).to.have.length(0);
  });

  it('refuses by counting when nothing was announced, and cuts the service off', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const gateway = await on.gateway(upstream, { public: { limits: { body: '1KiB' } } });
    const client = await on.client(gateway);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n${'x'.repeat(512)}\r\n`);
    await (await upstream.wire(0)).has('x');
    client.send(`201\r\n${'x'.repeat(513)}\r\n0\r\n\r\n`);
    const received = await client.closed;
    expect(received).to.match(/^HTTP\/1\.1 413 /);
    expect(bodyOf(await (await upstream.wire(0)).closed)).to.not.match(/\r\n0\r\n\r\n$/);
  });

  it('lets through what is exactly as large', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { body: '1KiB' } } });
    const x = 'x'.repeat(1024);
    expect(
      (await on.exchange(gateway, `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1024\r\n\r\n${x}`)).status,
    ).to.equal(200);
    const chunked = `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n${x}\r\n0\r\n\r\n`;
    expect((await on.exchange(gateway, chunked)).status).to.equal(200);
  });
});
