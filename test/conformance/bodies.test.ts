/** What is in a message arrives as it was sent: bytes, order, trailers (RFC 9110 section 6.4, RFC 9112 sections 6 and 7). */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { bodyOf, fieldsOf, unchunked } from './support/answers.ts';
import { stage } from './support/stage.ts';

const request = (method: string) => `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

describe('a body', () => {
  const on = stage();

  for (const [what, answer] of Object.entries({
    'to HEAD, with its length': 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n',
    'to HEAD, chunked': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nETag: "x"\r\n\r\n',
    'of 304, with its length': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n',
    'of 304, without': 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
    'of 204': 'HTTP/1.1 204 No Content\r\nETag: "x"\r\n\r\n',
    'of 204, with a length of 0': 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\nETag: "x"\r\n\r\n',
  })) {
    it(`is not there ${what}`, async () => {
      const upstream = await on.answering(answer);
      const client = await on.client(await on.gateway(upstream));
      const method = what.includes('HEAD') ? 'HEAD' : 'GET';
      // On one connection: a body that should not be there would be read as the next answer.
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      await client.head();
      const received = await client.send(request(method)).closed;
      const [first = '', second = '', rest] = received.split('\r\n\r\n');
      expect(rest).to.equal('');
      for (const head of [first, second]) {
        expect(head)
          .to.match(/^HTTP\/1\.1 (200|204|304) /)
          .and.include('ETag: "x"');
        const length = answer.includes('1234') ? ['1234'] : [];
        expect(fieldsOf(`${head}\r\n\r\n`, 'content-length'), head).to.deep.equal(length);
      }
    });
  }

  it('that is empty has a length of 0, and keeps the connection', async () => {
    const client = await on.client(await on.gateway(await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')));
    const first = await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').head();
    expect(fieldsOf(first, 'content-length')).to.deep.equal(['0']);
    expect(await client.send(request('GET')).closed).to.match(/\r\n\r\n$/);
  });

  it('that is empty and chunked stays empty, framed in one way', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.has(/0\r\n\r\n$/);
      wire.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    });
    const bytes = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n';
    const { body } = await on.exchange(await on.gateway(upstream), bytes);
    expect(unchunked(body)).to.deep.equal({ data: '', trailers: '' });
    const { received } = await upstream.wire(0);
    expect(fieldsOf(received, 'content-length')).to.deep.equal(['0']);
    expect(fieldsOf(received, 'transfer-encoding')).to.deep.equal([]);
  });

  for (const framing of ['length', 'chunked'] as const) {
    it(`of a megabyte goes there and back unchanged (${framing})`, async () => {
      const sent = randomBytes(1 << 20);
      const upstream = await on.service((req, res) => {
        const head = framing === 'length' ? { 'content-length': req.headers['content-length'] } : {};
        req.pipe(res.writeHead(200, head));
      });
      const response = await fetch((await on.gateway(upstream)).url, {
        method: 'POST',
        ...(framing === 'length' ? { body: sent } : { body: new Blob([sent]).stream(), duplex: 'half' }),
      });
      const back = new Uint8Array(await response.arrayBuffer());
      expect(createHash('sha256').update(back).digest('hex')).to.equal(createHash('sha256').update(sent).digest('hex'));
      expect(response.headers.get('content-length')).to.equal(framing === 'length' ? String(sent.length) : null);
    });
  }

  it('streams: a chunk is passed on before the next one is there, both ways', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.has('one');
      wire.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
      await wire.has('two');
      wire.send('6\r\nsecond\r\n0\r\n\r\n');
    });
    const client = await on.client(await on.gateway(upstream));
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
    await client.has('first');
    client.send('3\r\ntwo\r\n0\r\n\r\n');
    expect(unchunked(bodyOf(await client.has('0\r\n\r\n')))?.data).to.equal('firstsecond');
  });

  it('of an HTTP/1.0 service ends with its connection, and of an HTTP/1.0 client too', async () => {
    const gateway = await on.gateway(await on.answering('HTTP/1.0 200 OK\r\n\r\nhello', 'end'));
    const answer = await on.exchange(gateway, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n');
    expect(answer.body).to.equal('hello');
    expect(answer.headers).to.not.have.any.keys('transfer-encoding', 'content-length');
  });

  it('has its trailers', async () => {
    const trailers = 'X-Checksum: abc\r\nX-Checksum: def\r\nSet-Cookie: a=b\r\nConnection: x';
    const upstream = await on.answering(
      `HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n${trailers}\r\n\r\n`,
    );
    const answer = await on.get(await on.gateway(upstream));
    expect(answer.headers['trailer']).to.deep.equal(['X-Checksum']);
    expect(unchunked(answer.body)).to.deep.equal({ data: 'hello', trailers: 'X-Checksum: abc\r\nX-Checksum: def\r\n' });
  });

  it("that is compressed is nobody else's business", async () => {
    const packed = gzipSync('hello '.repeat(1000));
    const upstream = await on.service((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length, etag: '"x"' }).end(packed);
    });
    const client = await on.client(await on.gateway(upstream));
    const received = await client.send('GET / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip, br\r\nConnection: close\r\n\r\n').closed;
    expect(Buffer.from(bodyOf(received), 'latin1').equals(packed)).to.equal(true);
    expect(fieldsOf(received, 'content-encoding')).to.deep.equal(['gzip']);
    expect(upstream.requests[0]?.headers['accept-encoding']).to.equal('gzip, br');
  });

  it('that is not asked for compressed is not, and nobody adds a coding', async () => {
    const upstream = await on.service();
    await on.get(await on.gateway(upstream));
    expect(upstream.requests[0]?.headers).to.not.have.any.keys('accept-encoding', 'accept', 'user-agent', 'content-type');
  });
});
