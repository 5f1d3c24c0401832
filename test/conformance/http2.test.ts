/** The same promises over HTTP/2 (RFC 9113): one request a stream, the service spoken to in HTTP/1.1. */
import { expect } from 'chai';
import { bodyOf, fieldsOf, linesOf, namesOf, unchunked } from './support/answers.ts';
import { secureStage } from './support/secure-stage.ts';

describe('HTTP/2', () => {
  const on = secureStage();

  it('GET goes to the service as HTTP/1.1, with the fields it should have', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Case: Kept\r\n\r\nok',
    );
    const gateway = await on.secure(upstream);
    const { headers, body } = await on.ask(gateway, { ':path': '/a?b', ':authority': 'shop.example:8443', te: 'trailers', accept: 'x' });
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
    const gateway = await on.secure(upstream);
    const post = { ':path': '/', ':method': 'POST' };
    expect((await on.ask(gateway, { ...post, 'content-length': 5 }, 'hello')).headers[':status']).to.equal(204);
    expect((await on.ask(gateway, post, 'hello')).headers[':status']).to.equal(204);
    const [first, second] = [await upstream.wire(0), await upstream.wire(1)].map(({ received }) => received) as [string, string];
    expect(fieldsOf(first, 'content-length')).to.deep.equal(['5']);
    expect(fieldsOf(first, 'transfer-encoding')).to.deep.equal([]);
    expect(fieldsOf(second, 'transfer-encoding')).to.deep.equal(['chunked']);
    expect(unchunked(bodyOf(second))?.data).to.equal('hello');
  });

  it('a large body goes there and back', async () => {
    const upstream = await on.service((req, res) => void req.pipe(res));
    const sent = Buffer.alloc(3 << 20, 'abcdefg');
    const { body } = await on.ask(await on.secure(upstream), { ':path': '/', ':method': 'POST' }, sent);
    expect(body === sent.toString()).to.equal(true);
  });

  it('repeated fields stay so, cookie crumbs are joined', async () => {
    const upstream = await on.answering(
      'HTTP/1.1 200 OK\r\nSet-Cookie: b=2\r\nSet-Cookie: a=1\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 0\r\n\r\n',
    );
    const { headers } = await on.ask(await on.secure(upstream), { ':path': '/', cookie: ['a=1', 'b=2', 'c=3'], 'x-twice': ['1', '2'] });
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
    const answer = await on.ask(await on.secure(upstream), { ':path': '/' });
    expect(answer.interim.map((each) => [each[':status'], each['link']])).to.deep.equal([[103, '</a.css>']]);
    expect(answer.body).to.equal('hello');
    expect(answer.trailers).to.include({ 'x-sum': 'abc' });
  });

  it('HEAD, 204 and 304 have no body', async () => {
    for (const status of ['200 OK', '204 No Content', '304 Not Modified']) {
      const upstream = await on.answering(`HTTP/1.1 ${status}\r\n${status.startsWith('204') ? '' : 'Content-Length: 5\r\n'}\r\n`);
      const { headers, body } = await on.ask(await on.secure(upstream), {
        ':path': '/',
        ':method': status.startsWith('200') ? 'HEAD' : 'GET',
      });
      expect(String(headers[':status'])).to.equal(status.slice(0, 3));
      expect(headers['content-length']).to.equal(status.startsWith('204') ? undefined : '5');
      expect(body).to.equal('');
    }
  });

  it('TRACE is not served, as over HTTP/1.1', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const { headers, body } = await on.ask(await on.secure(upstream), { ':path': '/', ':method': 'TRACE' });
    expect(headers[':status']).to.equal(501);
    expect(JSON.parse(body).code).to.equal('not-implemented');
    expect(upstream.wires).to.have.length(0);
  });

  it('failures are problem documents, the limit for bodies holds, an early answer arrives', async () => {
    const upstream = await on.scripted(async (wire) => {
      const head = await wire.head();
      if (head.includes('/early')) wire.send('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      if (head.startsWith('GET')) wire.send('HTTP/1.1 000 Zero\r\n\r\n');
    });
    const gateway = await on.secure(upstream, { public: { limits: { body: '1MiB' } } });
    const post = (path: string, size: number) => on.ask(gateway, { ':path': path, ':method': 'POST' }, Buffer.alloc(size));
    expect((await on.ask(gateway, { ':path': '/' })).headers[':status']).to.equal(502);
    const large = await post('/', 2 << 20);
    expect(large.headers[':status']).to.equal(413);
    expect(JSON.parse(large.body).code).to.equal('body-too-large');
    expect((await post('/early', 900_000)).headers[':status']).to.equal(403);
    for (const headers of [{ host: 'b', ':authority': 'a' }, { ':authority': 'a@b' }, { ':authority': '' }]) {
      // Some of it the protocol itself refuses.
      const status = await on.ask(gateway, { ':path': '/', ...headers }).then(
        (refused) => refused.headers[':status'],
        () => 400,
      );
      expect(status, JSON.stringify(headers)).to.be.oneOf([400, 502]);
    }
  });
});
