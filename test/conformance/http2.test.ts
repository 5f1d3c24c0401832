/** The same promises over HTTP/2 (RFC 9113): one request a stream, the service spoken to in HTTP/1.1. */
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { bodyOf, fieldsOf, linesOf, namesOf, unchunked } from './support/answers.ts';
import { type Certificate, makeCertificate } from './support/certificate.ts';
import { stage } from './support/stage.ts';
import { Wire } from './support/wire.ts';

type Answer = { headers: IncomingHttpHeaders; body: string; trailers: IncomingHttpHeaders; interim: IncomingHttpHeaders[] };

describe('HTTP/2', () => {
  const on = stage();
  let certificate: Certificate;
  before(() => {
    certificate = makeCertificate();
  });
  after(() => certificate.remove());

  function secure(upstream: { url: string }, more: Parameters<typeof on.gateway>[1] = {}): Promise<TestGateway> {
    const { cert, key, directory } = certificate;
    return on.gateway(upstream, { ...more, public: { listen: { tls: { cert, key } }, ...more.public } }, { directory });
  }

  async function session({ port }: TestGateway): Promise<ClientHttp2Session> {
    const client = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    client.on('error', () => {});
    on.after(() => client.destroy());
    await once(client, 'connect');
    return client;
  }

  async function answered(stream: ClientHttp2Stream): Promise<Answer> {
    const interim: IncomingHttpHeaders[] = [];
    let trailers: IncomingHttpHeaders = {};
    stream.on('headers', (headers) => interim.push(headers));
    stream.on('trailers', (headers) => {
      trailers = headers;
    });
    const [headers] = await once(stream, 'response');
    const body = Buffer.concat(await stream.toArray()).toString('latin1');
    return { headers, body, trailers, interim };
  }

  async function ask(gateway: TestGateway, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer> {
    const stream = (await session(gateway)).request(headers, { endStream: body === undefined });
    if (body !== undefined) stream.end(body);
    return answered(stream);
  }

  it('GET goes to the service as HTTP/1.1, with the fields it should have', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Case: Kept\r\n\r\nok',
    );
    const gateway = await secure(upstream);
    const { headers, body } = await ask(gateway, { ':path': '/a?b', ':authority': 'shop.example:8443', te: 'trailers', accept: 'x' });
    expect(headers[':status']).to.equal(200);
    expect(body).to.equal('ok');
    expect(headers).to.include({ via: '1.1 public-gateway', 'x-case': 'Kept' });
    expect(headers).to.not.have.any.keys('connection', 'keep-alive', 'x-hop', 'transfer-encoding');
    const { received } = await upstream.wire(0);
    expect(linesOf(received)[0]).to.equal('GET /a?b HTTP/1.1');
    expect(fieldsOf(received, 'host')).to.deep.equal(['shop.example:8443']);
    expect(fieldsOf(received, 'via')).to.deep.equal(['2 public-gateway']);
    expect(fieldsOf(received, 'forwarded')).to.deep.equal(['for=127.0.0.1;proto=https;host="shop.example:8443";by=_public-gateway']);
    expect(fieldsOf(received, 'x-forwarded-proto')).to.deep.equal(['https']);
    expect(namesOf(received)).to.not.include.members(['transfer-encoding', 'content-length']);
    expect(received).to.not.include('\r\n:');
  });

  it('POST goes with its length, or chunked when it has none', async () => {
    const upstream = await on.scripted(async (wire) => {
      await wire.has(/hello(\r\n0\r\n\r\n)?$/);
      wire.send('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n');
    });
    const gateway = await secure(upstream);
    const post = { ':path': '/', ':method': 'POST' };
    expect((await ask(gateway, { ...post, 'content-length': 5 }, 'hello')).headers[':status']).to.equal(204);
    expect((await ask(gateway, post, 'hello')).headers[':status']).to.equal(204);
    const [first, second] = [await upstream.wire(0), await upstream.wire(1)].map(({ received }) => received) as [string, string];
    expect(fieldsOf(first, 'content-length')).to.deep.equal(['5']);
    expect(fieldsOf(first, 'transfer-encoding')).to.deep.equal([]);
    expect(fieldsOf(second, 'transfer-encoding')).to.deep.equal(['chunked']);
    expect(unchunked(bodyOf(second))?.data).to.equal('hello');
  });

  it('a large body goes there and back', async () => {
    const upstream = await on.service((req, res) => void req.pipe(res));
    const sent = Buffer.alloc(3 << 20, 'abcdefg');
    const { body } = await ask(await secure(upstream), { ':path': '/', ':method': 'POST' }, sent);
    expect(body === sent.toString()).to.equal(true);
  });

  it('repeated fields stay so, cookie crumbs are joined', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\nSet-Cookie: b=2\r\nSet-Cookie: a=1\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 0\r\n\r\n',
    );
    const { headers } = await ask(await secure(upstream), { ':path': '/', cookie: ['a=1', 'b=2', 'c=3'], 'x-twice': ['1', '2'] });
    expect(headers['set-cookie']).to.deep.equal(['b=2', 'a=1']);
    expect(headers['x-twice']).to.equal('1, 2');
    const { received } = await upstream.wire(0);
    expect(fieldsOf(received, 'cookie')).to.deep.equal(['a=1; b=2; c=3']);
    expect(fieldsOf(received, 'x-twice').join(', ')).to.equal('1, 2');
  });

  it('trailers of the service reach the client, an interim answer too', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n',
    );
    const answer = await ask(await secure(upstream), { ':path': '/' });
    expect(answer.interim.map((each) => [each[':status'], each['link']])).to.deep.equal([[103, '</a.css>']]);
    expect(answer.body).to.equal('hello');
    expect(answer.trailers).to.include({ 'x-sum': 'abc' });
  });

  it('HEAD, 204 and 304 have no body', async () => {
    for (const status of ['200 OK', '204 No Content', '304 Not Modified']) {
      const upstream = await on.answering(`HTTP/1.1 ${status}\r\n${status.startsWith('204') ? '' : 'Content-Length: 5\r\n'}\r\n`);
      const { headers, body } = await ask(await secure(upstream), { ':path': '/', ':method': status.startsWith('200') ? 'HEAD' : 'GET' });
      expect(String(headers[':status'])).to.equal(status.slice(0, 3));
      expect(headers['content-length']).to.equal(status.startsWith('204') ? undefined : '5');
      expect(body).to.equal('');
    }
  });

  it('a stream that the client resets cancels its request, and no other', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.startsWith('GET /kept')) await gone.promise;
      if (head.startsWith('GET /kept')) wire.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
    const gone = Promise.withResolvers<void>();
    const client = await session(await secure(upstream));
    const lost = client.request({ ':path': '/lost' });
    lost.on('error', () => {});
    const wire = await upstream.wire(0);
    await wire.head();
    const kept = answered(client.request({ ':path': '/kept' }));
    await (await upstream.wire(1)).head();
    lost.close(constants.NGHTTP2_CANCEL);
    await wire.closed;
    gone.resolve();
    expect((await kept).body).to.equal('ok');
  });

  it('a stream that is reset during its upload, or its answer, cancels its request', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.startsWith('GET')) wire.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello');
    });
    const client = await session(await secure(upstream));
    const upload = client.request({ ':path': '/', ':method': 'POST' });
    upload.on('error', () => {});
    upload.write('hello');
    await (await upstream.wire(0)).has('hello');
    upload.close(constants.NGHTTP2_CANCEL);
    await (await upstream.wire(0)).closed;
    const download = client.request({ ':path': '/' });
    download.on('error', () => {});
    await once(download, 'data');
    download.close(constants.NGHTTP2_CANCEL);
    await (await upstream.wire(1)).closed;
  });

  it('an answer that was cut is a reset of its stream, and of no other', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 'end');
    const client = await session(await secure(upstream));
    for (let count = 0; count < 2; count += 1) {
      const stream = client.request({ ':path': '/' });
      stream.resume();
      const [error] = await once(stream, 'error');
      expect(error.code).to.equal('ERR_HTTP2_STREAM_ERROR');
    }
    expect(client.destroyed).to.equal(false);
  });

  it('failures are problem documents, the limit for bodies holds, an early answer arrives', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.includes('/early')) wire.send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      if (head.startsWith('GET')) wire.send('HTTP/1.1 000 Zero\r\n\r\n');
    });
    const gateway = await secure(upstream, { public: { limits: { body: '1MiB' } } });
    const post = (path: string, size: number) => ask(gateway, { ':path': path, ':method': 'POST' }, Buffer.alloc(size));
    expect((await ask(gateway, { ':path': '/' })).headers[':status']).to.equal(502);
    const large = await post('/', 2 << 20);
    expect(large.headers[':status']).to.equal(413);
    expect(JSON.parse(large.body).code).to.equal('body-too-large');
    expect((await post('/early', 900_000)).headers[':status']).to.equal(403);
    for (const headers of [{ host: 'b', ':authority': 'a' }, { ':authority': 'a@b' }, { ':authority': '' }]) {
      // Some of it the protocol itself refuses.
      const status = await ask(gateway, { ':path': '/', ...headers }).then(
        (refused) => refused.headers[':status'],
        () => 400,
      );
      expect(status, JSON.stringify(headers)).to.be.oneOf([400, 502]);
    }
  });

  it('a client of HTTP/1.1 is served on the same port, WebSockets included', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      wire.send(
        head.includes('upgrade')
          ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi'
          : 'HTTP/1.1 204 No Content\r\n\r\n',
      );
    });
    const gateway = await secure(upstream, { route: { upgrade: ['websocket'] } });
    const dial = async () => {
      const socket = connectTls({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
      on.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      return new Wire(socket);
    };
    const plain = await (await dial()).send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n').closed;
    expect(plain).to.match(/^HTTP\/1\.1 204 /);
    expect(fieldsOf((await upstream.wire(0)).received, 'x-forwarded-proto')).to.deep.equal(['https']);
    const tunnel = (await dial()).send(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    expect(await tunnel.has(/hi$/)).to.match(/^HTTP\/1\.1 101 /);
  });

  it('a client of HTTP/1.1 upgrades to nothing else there', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const gateway = await secure(upstream, { route: { upgrade: ['websocket'] } });
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    for (const head of ['GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c', 'POST / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket']) {
      const socket = connectTls({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
      on.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      const bytes = `${head}\r\nConnection: Upgrade, close\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`;
      const received = await new Wire(socket).send(bytes).closed;
      expect(received.match(/^HTTP\/1\.1 \d+/gm), received).to.deep.equal(['HTTP/1.1 200']);
    }
    for (const { received } of upstream.wires) {
      expect(fieldsOf(received, 'upgrade')).to.deep.equal([]);
      expect(fieldsOf(received, 'content-length')).to.deep.equal([String(smuggled.length)]);
    }
  });

  it('a connection that never finishes its handshake, or its head, is closed in time', async () => {
    const gateway = await secure(await on.service(), { public: { limits: { headersTimeout: '300ms' } } });
    await (await on.client(gateway)).closed;
    const socket = connectTls({ port: gateway.port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    on.after(() => socket.destroy());
    await once(socket, 'secureConnect');
    await new Wire(socket).send('GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ').closed;
  });
});
