/** Whatever services and clients send, the process lives and serves the next request. */
import { expect } from 'chai';
import fc from 'fast-check';
import { asksUpgrade } from './support/handshake.ts';
import { stage } from './support/stage.ts';

const RUNS = { numRuns: 300, seed: 20260729 };

/** Pieces of HTTP and of nothing, put together at random: it is the near misses that break things. */
const pieces = fc.oneof(
  fc.constantFrom(
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n',
    'HTTP/1.1 103 Early Hints\r\n',
    'HTTP/1.1 204 No Content\r\n',
    'HTTP/1.0 304 \r\n',
    'HTTP/1.1 000\r\n',
    'HTTP/1.1 999 \x01\r\n',
    'GET / HTTP/1.1\r\n',
    'POST /a?b HTTP/1.1\r\n',
    'HEAD * HTTP/1.0\r\n',
    'CONNECT a:1 HTTP/1.1\r\n',
    'Host: a\r\n',
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Transfer-Encoding: chunked\r\n',
    'Connection: Upgrade, close\r\n',
    'Connection: keep-alive\r\n',
    'Upgrade: websocket\r\n',
    'Expect: 100-continue\r\n',
    'Trailer: X\r\n',
    '__proto__: x\r\n',
    'constructor: x\r\n',
    'Set-Cookie: \xff\xfe\r\n',
    'X: \x00\r\n',
    ': \r\n',
    ' folded\r\n',
    '\r\n',
    '\n',
    '5\r\nhello\r\n',
    '0\r\n\r\n',
    'ffffffffffffffff\r\n',
    '5;x=y\r\n',
    'hello',
  ),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const bytes = fc.array(pieces, { maxLength: 12 }).map((list) => list.join(''));

describe('the process', () => {
  const on = stage();

  it('survives whatever a service answers, to requests and to upgrades', async () => {
    let answer = '';
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.end(answer);
    });
    const gateway = await on.gateway(upstream, {
      route: { upgrade: ['websocket'] },
      service: { timeouts: { attempt: '500ms', idle: '500ms' } },
    });
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('GET', 'HEAD', 'POST', 'upgrade'), async (given, method) => {
        answer = given;
        const request =
          method === 'upgrade' ? asksUpgrade() : `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
        const client = await on.client(gateway);
        const received = await client.send(request).closed;
        expect(received).to.match(/^$|^HTTP\/1\.1 [1-5]\d\d /);
      }),
      RUNS,
    );
    answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    expect((await on.get(gateway)).body).to.equal('ok');
  }).timeout(20_000);

  it('survives whatever a client sends', async () => {
    const upstream = await on.service();
    const gateway = await on.gateway(upstream, {
      route: { upgrade: ['websocket'] },
      service: { timeouts: { attempt: '500ms', idle: '500ms' } },
    });
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (given, cut) => {
        const client = await on.client(gateway);
        client.send(given);
        if (cut) client.socket.write('', () => client.reset());
        else client.end();
        const received = await client.closed;
        expect(received).to.match(/^$|^HTTP\/1\.1 [1-5]\d\d /);
      }),
      RUNS,
    );
    expect((await on.get(gateway)).status).to.equal(200);
  }).timeout(20_000);

  it('survives services that break at every byte of an answer', async () => {
    const whole =
      'HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: u\r\n\r\n';
    const upstream = await on.scripted(async (wire, nth) => {
      await wire.head();
      wire.socket.write(whole.slice(0, nth), 'latin1', () => (nth % 2 === 0 ? wire.reset() : wire.end()));
    });
    const gateway = await on.gateway(upstream);
    for (let cut = 0; cut < whole.length; cut += 1) {
      const client = await on.client(gateway);
      const received = await client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed;
      expect(received, whole.slice(0, cut)).to.not.match(/0\r\n(T: u\r\n)?\r\n$/);
    }
  }).timeout(20_000);

  it('survives clients that leave at every byte of a request', async () => {
    const whole = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
    const gateway = await on.gateway(await on.service());
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const client = await on.client(gateway);
      client.socket.write(whole.slice(0, cut), 'latin1', () => client.reset());
      await client.closed;
    }
    expect((await on.get(gateway)).status).to.equal(200);
  }).timeout(20_000);
});
