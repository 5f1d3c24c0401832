/** An answer that was cut on its way never looks whole to the client (RFC 9112 section 8). */

import { once } from 'node:events';
import { request } from 'node:http';
import { expect } from 'chai';
import { bodyOf, unchunked } from './support/answers.ts';
import { stage } from './support/stage.ts';

const short = `HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${'a'.repeat(400)}`;
const unended = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n';
const insideChunk = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello';
const badChunk = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n';
const large = `HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n${'a'.repeat(300_000)}`;

const cases: [string, string, 'end' | 'reset'][] = [
  ['a Content-Length that was not reached', short, 'end'],
  ['a Content-Length that was not reached, of a large body', large, 'end'],
  ['a reset in the middle of a body', short, 'reset'],
  ['a chunked body without its last chunk', unended, 'end'],
  ['a chunk that is not whole', insideChunk, 'end'],
  ['a reset between chunks', unended, 'reset'],
  ['a chunk size that is none', badChunk, 'end'],
];

describe('an answer that was cut', () => {
  const on = stage();

  for (const [what, bytes, then] of cases) {
    it(`is cut for the client too: ${what}`, async () => {
      const gateway = await on.gateway(await on.answering(bytes, then));
      const client = await on.client(gateway);
      const received = await client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed;
      if (received === '' || received.startsWith('HTTP/1.1 502')) return; // cut before its head was on the way: an answer of our own
      expect(received).to.match(/^HTTP\/1\.1 200 /);
      const length = /content-length: (\d+)/i.exec(received)?.[1];
      if (length !== undefined) expect(bodyOf(received).length).to.be.below(Number(length));
      else expect(unchunked(bodyOf(received)), received).to.equal(undefined);
    });
  }

  it('is an error for an ordinary client', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.head();
      wire.send(unended);
      wire.socket.once('error', () => {});
      await reached.promise;
      wire.reset();
    });
    const reached = Promise.withResolvers<void>();
    const { port } = await on.gateway(upstream);
    const [response] = await once(request({ port, agent: false }).end(), 'response');
    response.once('data', () => reached.resolve());
    const [error] = await once(response, 'error');
    expect(error.code).to.equal('ECONNRESET');
    expect(response.complete).to.equal(false);
  });

  it('is whole when its end is the end of the connection, for then nobody can tell', async () => {
    const gateway = await on.gateway(await on.answering('HTTP/1.1 200 OK\r\n\r\nhello', 'end'));
    const answer = await on.get(gateway);
    expect(answer.headers['transfer-encoding']).to.deep.equal(['chunked']);
    expect(unchunked(answer.body)).to.deep.equal({ data: 'hello', trailers: '' });
  });

  it('is logged with its own code', async () => {
    const gateway = await on.gateway(await on.answering(large, 'end'));
    const client = await on.client(gateway);
    await client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').closed;
    await gateway.drain();
    const line = gateway.logged().find((record) => record['event'] === 'request');
    expect(line?.['problem']).to.equal('response-incomplete');
  });
});
