/** How an answer that is whole goes to a client, in whichever version of HTTP it speaks. */
import { once } from 'node:events';
import { stat } from 'node:fs';
import { createServer as createHttp1, IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2 } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { Duplex, duplexPair } from 'node:stream';
import { expect } from 'chai';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { open, untilClosed } from '../../support/client.ts';
import { turn } from '../http1/a-pool.ts';

const IDLE = 1_000;
const whole = (body: string, ...fields: string[]) =>
  UpstreamResponse.whole(200, ['Content-Length', String(body.length), ...fields], Buffer.from(body));

/** An answer's place, and the pieces that were written to its client. */
function place() {
  const pieces: string[] = [];
  const wire = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      pieces.push(String(chunk));
      done();
    },
  });
  wire.on('error', () => {});
  const socket = Object.assign(wire, { setTimeout() {} }) as object as Socket;
  const res = new ServerResponse(new IncomingMessage(socket));
  res.assignSocket(socket);
  return { res, pieces, socket };
}

const DATA = 0;
const HEADERS = 1;

/** The types of the frames (RFC 9113 section 4.1). */
function framesOf(bytes: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at < bytes.length; at += 9 + bytes.readUIntBE(at, 3)) types.push(bytes.readUInt8(at + 3));
  return types;
}

describe('a whole answer', () => {
  it('goes out at the end of the turn, head and body in one piece', async () => {
    const { res, pieces } = place();
    expect(whole('hello').relay(res, IDLE)).to.equal(undefined);
    expect(pieces).to.deep.equal([]);
    await turn();
    expect(pieces).to.have.length(1);
    expect(pieces[0]).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\nhello$/);
  });

  it('goes to nobody where the client has left meanwhile, and the others of the turn go out', async () => {
    const [before, left, behind] = [place(), place(), place()];
    for (const { res } of [before, left, behind]) whole('hello').relay(res, IDLE);
    left.socket.destroy();
    left.res.destroy();
    await turn();
    expect([before, left, behind].map(({ pieces }) => pieces.length)).to.deep.equal([1, 0, 1]);
    expect(left.res.writableFinished).to.equal(false);
  });

  it('is cut where it cannot be written, and the others of the turn go out', async () => {
    const [broken, behind] = [place(), place()];
    broken.res.end = () => {
      throw new Error('it cannot be written');
    };
    for (const { res } of [broken, behind]) whole('hello').relay(res, IDLE);
    await turn();
    expect([broken.socket.destroyed, broken.pieces.length, behind.pieces.length]).to.deep.equal([true, 0, 1]);
  });

  it('is in its place among those that were asked for on one connection, whichever is at hand first', async () => {
    const answers: Record<string, () => unknown> = {};
    const both = Promise.withResolvers<void>();
    const listener: RequestListener = (req, res) => {
      answers[req.url as string] = () => whole(req.url as string, ...(req.url === '/2' ? ['Connection', 'close'] : [])).relay(res, IDLE);
      if (answers['/2']) both.resolve();
    };
    const server = createHttp1(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const socket = await open((server.address() as AddressInfo).port);
      socket.write('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
      await both.promise;
      answers['/2']?.();
      answers['/1']?.();
      expect(await untilClosed(socket)).to.match(/^HTTP\/1\.1 200 [\s\S]*\r\n\r\n\/1HTTP\/1\.1 200 [\s\S]*\r\n\r\n\/2$/);
    } finally {
      server.close();
    }
  });

  it('over HTTP/2 is in one write with its head, though it comes in a turn that is not its client’s', async () => {
    const [ours, theirs] = duplexPair();
    const writes: Buffer[] = [];
    const written = ours._write.bind(ours);
    ours._write = (chunk, encoding, done) => {
      writes.push(chunk);
      written(chunk, encoding, done);
    };
    ours._writev = (chunks, done) => ours._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'buffer' as BufferEncoding, done);
    const server = createHttp2((_req, res) => stat('/', () => void whole('hello').relay(res as never, IDLE)));
    server.emit('connection', ours);
    const client = connectHttp2('http://a', { createConnection: () => theirs });
    const stream = client.request({ ':path': '/' }).resume();
    await once(stream, 'close');
    const withBody = writes.filter((bytes) => bytes.includes('hello')).map(framesOf);
    expect(withBody).to.have.length(1);
    expect(withBody[0]).to.include.members([HEADERS, DATA]);
    client.destroy();
    server.close();
  });
});
