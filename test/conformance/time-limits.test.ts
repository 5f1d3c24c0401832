/** Every wait has an end, and every end a name and a status of its own. */
import { expect } from 'chai';
import { bodyOf, expectProblem, fieldsOf } from './support/answers.ts';
import { asksUpgrade } from './support/handshake.ts';
import { nobody } from './support/nobody.ts';
import { stage } from './support/stage.ts';

describe('time limits', () => {
  const on = stage();

  it('connect: nobody answers the door', async () => {
    const timeouts = { connect: '100ms' };
    const answer = await on.get(await on.gateway(await nobody(on), { service: { timeouts } }));
    expectProblem(answer, 504, 'connect-timeout');
    expect(answer.headers['proxy-status']).to.deep.equal(['public-gateway; error=connection_timeout']);
  });

  it('attempt: the service accepts and says nothing', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const answer = await on.get(await on.gateway(upstream, { service: { timeouts: { attempt: '100ms' } } }));
    expectProblem(answer, 504, 'attempt-timeout');
    expect(answer.headers['proxy-status']).to.deep.equal(['public-gateway; error=http_response_timeout']);
    await (await upstream.wire(0)).closed; // the service is not left to work on it
  });

  it('attempt: half a head is not an answer', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Len');
    expectProblem(await on.get(await on.gateway(upstream, { service: { timeouts: { attempt: '100ms' } } })), 504, 'attempt-timeout');
  });

  it('attempt: an interim answer is not the answer', async () => {
    const upstream = await on.answering('HTTP/1.1 103 Early Hints\r\n\r\n');
    const answer = await on.get(await on.gateway(upstream, { service: { timeouts: { attempt: '100ms' } } }));
    expect(answer.interim.map(({ status }) => status)).to.deep.equal([103]);
    expectProblem(answer, 504, 'attempt-timeout');
  });

  it('request: the time for all tries together', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const answer = await on.get(await on.gateway(upstream, { service: { timeouts: { request: '100ms', attempt: '100ms' } } }));
    expectProblem(answer, 504, 'deadline-exceeded');
  });

  it('attempt: counts for an upgrade too', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] }, service: { timeouts: { attempt: '100ms' } } });
    const lines =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    expectProblem(await on.exchange(gateway, lines), 504, 'attempt-timeout');
    await (await upstream.wire(0)).closed;
  });

  it('connect: counts for an upgrade too', async () => {
    const gateway = await on.gateway(await nobody(on), {
      route: { upgrade: ['websocket'] },
      service: { timeouts: { connect: '100ms', attempt: '3s' } },
    });
    const lines =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    expectProblem(await on.exchange(gateway, lines), 504, 'connect-timeout');
  });

  it('idle: an answer that stops in the middle is cut', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    const gateway = await on.gateway(upstream, { service: { timeouts: { idle: '100ms' } } });
    const client = await on.client(gateway);
    const received = await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').closed;
    expect(fieldsOf(received, 'content-length')).to.deep.equal(['10']);
    expect(bodyOf(received)).to.equal('hello');
    await gateway.drain();
    expect(gateway.logged().find((line) => line['event'] === 'request')?.['problem']).to.equal('idle-timeout');
  });

  it('idle: counts for the answer to an upgrade that is refused, too', async () => {
    const upstream = await on.answering('HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhello');
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] }, service: { timeouts: { idle: '100ms' } } });
    const received = await (await on.client(gateway)).send(asksUpgrade()).closed;
    expect(bodyOf(received)).to.equal('hello');
    await (await upstream.wire(0)).closed;
    await gateway.drain();
    expect(gateway.logged().find((line) => line['event'] === 'request')?.['problem']).to.equal('idle-timeout');
  });

  it('idle: an upload that stops in the middle is 408', async () => {
    const upstream = await on.scripted((wire) => wire.head());
    const gateway = await on.gateway(upstream, { service: { timeouts: { idle: '100ms' } } });
    const client = await on.client(gateway);
    const received = await client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello').closed;
    expect(received).to.match(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(bodyOf(received)).code).to.equal('request-timeout');
    await (await upstream.wire(0)).closed;
  });

  it('idle: a service that does not read the upload is 504', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.socket.pause();
    });
    const gateway = await on.gateway(upstream, { service: { timeouts: { idle: '200ms' } }, public: { limits: { body: '100MiB' } } });
    const client = await on.client(gateway);
    client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n`);
    const more = () => client.socket.write(Buffer.alloc(1 << 20), () => client.socket.writable && more());
    more();
    const received = await client.closed;
    expect(received, received.slice(0, 300)).to.match(/^HTTP\/1\.1 504 /);
    expect(JSON.parse(bodyOf(received)).code).to.equal('idle-timeout');
  });

  it('do not count the time that an upload takes', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.has('hello world');
      wire.send('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const gateway = await on.gateway(upstream, { service: { timeouts: { attempt: '300ms', request: '300ms', idle: '2s' } } });
    const client = await on.client(gateway);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello ');
    await (await upstream.wire(0)).has('hello ');
    // Longer than both limits by the gateway's own clock: a request with the same limits runs out of time meanwhile.
    const other = await on.get(await on.gateway(await on.scripted((wire) => wire.head()), { service: { timeouts: { attempt: '400ms' } } }));
    expectProblem(other, 504, 'attempt-timeout');
    client.send('world');
    expect(await client.has('\r\n\r\n'), client.received).to.match(/^HTTP\/1\.1 204 /);
  });
});
