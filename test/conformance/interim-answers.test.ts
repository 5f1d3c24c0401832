/** Interim answers (RFC 9110 section 15.2): relayed, but for those that concern one connection. */
import { expect } from 'chai';
import { expectProblem } from './support/answers.ts';
import { stage } from './support/stage.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('an interim answer', () => {
  const on = stage();

  it('103 reaches the client before the final one, with its fields', async () => {
    const answered = Promise.withResolvers<void>();
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.send(
        'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\n',
      );
      await answered.promise;
      wire.send(ok);
    });
    const client = await on.client(await on.gateway(upstream));
    const early = await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').head();
    expect(early).to.equal('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n');
    answered.resolve();
    expect(await client.has(/\r\n\r\nok$/)).to.match(/\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  it('102, and several of them, reach the client in order', async () => {
    const upstream = await on.answering(`HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${ok}`);
    const { status, interim } = await on.get(await on.gateway(upstream));
    expect(interim.map((each) => each.status)).to.deep.equal([102, 103]);
    expect(status).to.equal(200);
  });

  it('is kept from an HTTP/1.0 client, who knows none', async () => {
    const upstream = await on.answering(`HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${ok}`);
    const answer = await on.exchange(await on.gateway(upstream), 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(answer.interim).to.deep.equal([]);
    expect(answer.status).to.equal(200);
  });

  it('101 that nobody asked for is 502, and opens no tunnel', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nHTTP/1.1 200 OK\r\n\r\n',
    );
    const gateway = await on.gateway(upstream);
    expectProblem(await on.get(gateway), 502, 'upstream-protocol-error');
    await (await upstream.wire(0)).closed;
    expectProblem(await on.get(gateway, 'Upgrade: h2c'), 502, 'upstream-protocol-error');
  });

  it('that never ends does not fill the memory: it may not be larger than a head', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      const more = () =>
        wire.socket.writable && wire.socket.write('HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n', () => setImmediate(more));
      more();
    });
    const answer = await on.get(await on.gateway(upstream));
    expectProblem({ ...answer, body: answer.body }, 502, 'response-headers-too-large');
    await (await upstream.wire(0)).closed;
  });
});
