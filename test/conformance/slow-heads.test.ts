/** Connections that dribble their heads (slowloris) are closed in time, all of them, while others are served. */
import { expect } from 'chai';
import { stage } from './support/stage.ts';

describe('slow heads', () => {
  const on = stage();

  it('are closed with 408 by the limit for heads', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { headersTimeout: '300ms' } } });
    const slow = await Promise.all(Array.from({ length: 200 }, () => on.client(gateway)));
    for (const client of slow) client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect((await on.get(gateway)).status).to.equal(200);
    for (const received of await Promise.all(slow.map((client) => client.closed))) {
      expect(received)
        .to.match(/^HTTP\/1\.1 408 /)
        .and.include('"code":"request-timeout"')
        .and.match(/connection: close/i);
    }
  });

  it('are closed however steadily they drip', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { headersTimeout: '300ms' } } });
    const client = await on.client(gateway);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    const drip = setInterval(() => client.send('a'), 20);
    on.after(() => clearInterval(drip));
    expect(await client.closed).to.match(/^HTTP\/1\.1 408 /);
  });

  it('are closed even when the client does not close its side', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { headersTimeout: '200ms' } } });
    const client = await on.client(gateway);
    client.socket.allowHalfOpen = true;
    client.send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ');
    expect(await client.has('"request-timeout"')).to.match(/^HTTP\/1\.1 408 /);
    // What is written to a connection that was only half closed would be taken; a closed one answers with a reset.
    const drip = setInterval(() => client.send('a'), 20);
    on.after(() => clearInterval(drip));
    await client.closed;
  });

  it('are closed when nothing is said at all', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { headersTimeout: '200ms' } } });
    const clients = await Promise.all(Array.from({ length: 20 }, () => on.client(gateway)));
    await Promise.all(clients.map((client) => client.closed));
  });

  it('a body that drips past the limit for whole requests is cut', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const gateway = await on.gateway(upstream, { public: { limits: { headersTimeout: '300ms', requestTimeout: '400ms' } } });
    const client = await on.client(gateway);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    const drip = setInterval(() => client.send('1\r\na\r\n'), 20);
    on.after(() => clearInterval(drip));
    expect(await client.closed).to.match(/^HTTP\/1\.1 408 /);
    await (await upstream.wire(0)).closed;
  });

  it('more connections than the limit are closed as they come', async () => {
    const gateway = await on.gateway(await on.service(), { public: { limits: { connections: 2 } } });
    const kept = [await on.client(gateway), await on.client(gateway)];
    for (const client of kept) {
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await client.head();
    }
    expect(await (await on.client(gateway)).closed).to.equal('');
    for (const client of kept) expect(client.socket.destroyed).to.equal(false);
  });
});
