/** A request goes on with one framing, one after the other, and nothing that is hidden in one becomes another (RFC 9112 sections 6, 7 and 9.3). */
import { expect } from 'chai';
import { bodyOf, fieldsOf, linesOf, unchunked } from './support/answers.ts';
import { stage } from './support/stage.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (lines: string[], body: string, version = '1.1') =>
  `POST / HTTP/${version}\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n${body}`;

describe('a request on its way', () => {
  const on = stage();

  it('refuses TRACE and CONNECT', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    expect((await on.exchange(gateway, 'TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).status).to.equal(501);
    const received = await (await on.client(gateway)).send(`CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n${smuggled}`).closed;
    expect(received.match(/^HTTP\/1\.1 \d+/gm)).to.deep.equal(['HTTP/1.1 501']);
    expect(upstream.wires).to.have.length(0);
  });

  it('sends a request line on as there is but one way to write it', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    await on.exchange(await on.gateway(upstream), '\r\nGET   /   HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(linesOf((await upstream.wire(0)).received)[0]).to.equal('GET / HTTP/1.1');
  });

  it('answers a request in full though what follows it is malformed', async () => {
    const asked = Promise.withResolvers<void>();
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      asked.resolve();
      await malformed.promise;
      wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const malformed = Promise.withResolvers<void>();
    const gateway = await on.gateway(upstream);
    const client = await on.client(gateway);
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await asked.promise;
    client.send('nonsense\r\n\r\n');
    // When another has been refused for the same, this one's has been read.
    await (await on.client(gateway)).send('nonsense\r\n\r\n').closed;
    malformed.resolve();
    const received = await client.closed;
    expect(received.match(/^HTTP\/1\.1 \d+/gm), received).to.deep.equal(['HTTP/1.1 200']);
    expect(received)
      .to.match(/\r\nConnection: close\r\n/i)
      .and.match(/ok$/);
  });

  it('answers a request in full though something follows its Connection: close', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const answer = await on.exchange(await on.gateway(upstream), `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n${smuggled}`);
    expect(answer.status).to.equal(200);
    expect((await upstream.wire(0)).received).to.not.include('smuggled');
  });

  it('refuses a method that has only one spelling in another one: GET is not get', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const answer = await on.exchange(await on.gateway(upstream), 'get / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(answer.status).to.be.oneOf([400, 405, 501]);
  });

  it('sends a body on with exactly one framing, whatever the case of its names', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    await on.exchange(gateway, 'POST / HTTP/1.1\r\nHost: a\r\ncOnTeNt-LeNgTh: 00002\r\nConnection: close\r\n\r\nhi');
    const byLength = (await upstream.wire(0)).received;
    expect(fieldsOf(byLength, 'content-length').map(Number)).to.deep.equal([2]);
    expect(fieldsOf(byLength, 'transfer-encoding')).to.deep.equal([]);
    expect(byLength).to.match(/\r\n\r\nhi$/);
  });

  it('sends a chunked body on without its extensions', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.has('0\r\n\r\n');
      wire.send('HTTP/1.1 204 No Content\r\n\r\n');
    });
    const body = '5;a="b"\r\nhello\r\n00006\r\n world\r\n0;c\r\n\r\n';
    await on.exchange(
      await on.gateway(upstream),
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n${body}`,
    );
    const { received } = await upstream.wire(0);
    expect(fieldsOf(received, 'transfer-encoding')).to.deep.equal(['chunked']);
    expect(fieldsOf(received, 'content-length')).to.deep.equal([]);
    expect(received).to.not.match(/a="b"|;c/);
    expect(unchunked(bodyOf(received))).to.deep.equal({ data: 'hello world', trailers: '' });
  });

  it('sends the body of a GET on, framed', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    await on.exchange(
      await on.gateway(upstream),
      `GET / HTTP/1.1\r\nHost: a\r\nContent-Length: ${smuggled.length}\r\nConnection: close\r\n\r\n${smuggled}`,
    );
    const { received } = await upstream.wire(0);
    expect(fieldsOf(received, 'content-length')).to.deep.equal([String(smuggled.length)]);
    expect(received.endsWith(`\r\n\r\n${smuggled}`)).to.equal(true);
  });

  it('sends no length for a GET without a body, and one of 0 for a POST without', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    await on.exchange(gateway, 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    await on.exchange(gateway, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    await on.exchange(gateway, 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const heads = upstream.wires.flatMap((wire) => wire.received.split('\r\n\r\n').filter(Boolean));
    expect(heads.map((head) => fieldsOf(`${head}\r\n\r\n`, 'content-length'))).to.deep.equal([[], ['0'], ['0']]);
  });

  it('answers pipelined requests in their order, each once', async () => {
    const upstream = await on.scripted(async (wire) => {
      for (let count = 1; ; count += 1) {
        const received = await wire.head(count);
        const target = linesOf(received.split(/(?=^GET )/m).at(-1) ?? '')[0]?.split(' ')[1] ?? '';
        // The first is the slowest: it waits until the others are answered.
        if (target === '/0') await others.promise;
        wire.send(`HTTP/1.1 200 OK\r\nContent-Length: ${target.length}\r\n\r\n${target}`);
        if (target === '/4') others.resolve();
      }
    });
    const others = Promise.withResolvers<void>();
    const client = await on.client(await on.gateway(upstream));
    for (let count = 0; count < 5; count += 1) client.socket.write(`GET /${count} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const received = await client.has(/\/4$/);
    expect(received.match(/\/\d$|\/\d(?=HTTP)/g)).to.deep.equal(['/0', '/1', '/2', '/3', '/4']);
  });

  it('does not take what follows a refused request for another', async () => {
    const upstream = await on.service();
    const client = await on.client(await on.gateway(upstream));
    const received = await client.send(post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}${smuggled}`)).closed;
    expect(received.match(/HTTP\/1\.1 /g)).to.have.length(1);
    expect(upstream.requests).to.have.length(0);
  });

  it('does not let an upgrade with a body smuggle a request', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
    const head = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    for (const framing of [
      `Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `\r\n${smuggled}`,
    ]) {
      const client = await on.client(gateway);
      const received = await client.send(`${head}\r\n${framing}`).closed;
      expect(received.match(/HTTP\/1\.1 /g), received).to.have.length(1);
    }
    for (const { received } of upstream.wires) expect(received.match(/^GET /gm)).to.have.length(1);
  });
});
