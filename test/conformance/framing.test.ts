/** A request ends where everybody agrees it ends (RFC 9112 section 6); what leaves room for doubt is refused, its connection closed. */
import { expect } from 'chai';
import { bodyOf, fieldsOf, linesOf, unchunked } from './support/answers.ts';
import { stage } from './support/stage.ts';

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
const post = (lines: string[], body: string, version = '1.1') =>
  `POST / HTTP/${version}\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n${body}`;

const refused: Record<string, [string, number[]]> = {
  'Content-Length and Transfer-Encoding': [post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`), [400]],
  'Transfer-Encoding and Content-Length': [post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${smuggled}`), [400]],
  'two different Content-Lengths': [post(['Content-Length: 0', `Content-Length: ${smuggled.length}`], smuggled), [400]],
  'two equal Content-Lengths': [post(['Content-Length: 2', 'content-length: 2'], 'hi'), [400]],
  'a Content-Length list of equal values': [post(['Content-Length: 2, 2'], 'hi'), [400]],
  'a Content-Length list of different values': [post(['Content-Length: 0, 2'], 'hi'), [400]],
  'a negative Content-Length': [post(['Content-Length: -1'], ''), [400]],
  'a Content-Length with a sign': [post(['Content-Length: +2'], 'hi'), [400]],
  'a hexadecimal Content-Length': [post(['Content-Length: 0x2'], 'hi'), [400]],
  'an empty Content-Length': [post(['Content-Length:'], ''), [400]],
  'a Content-Length with a space in it': [post(['Content-Length: 1 2'], 'hi'), [400]],
  'a Content-Length beyond all numbers': [post(['Content-Length: 99999999999999999999999'], 'hi'), [400, 413]],
  'Transfer-Encoding in HTTP/1.0': [post(['Transfer-Encoding: chunked'], `0\r\n\r\n${smuggled}`, '1.0'), [400, 501]],
  'gzip before chunked': [post(['Transfer-Encoding: gzip, chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked before gzip': [post(['Transfer-Encoding: chunked, gzip'], '0\r\n\r\n'), [400, 501]],
  'chunked twice': [post(['Transfer-Encoding: chunked, chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked in two lines': [post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], '0\r\n\r\n'), [400, 501]],
  'chunked and identity': [post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'), [400, 501]],
  identity: [post(['Transfer-Encoding: identity'], ''), [400, 501]],
  xchunked: [post(['Transfer-Encoding: xchunked'], '0\r\n\r\n'), [400, 501]],
  'quoted chunked': [post(['Transfer-Encoding: "chunked"'], '0\r\n\r\n'), [400, 501]],
  'an empty Transfer-Encoding': [post(['Transfer-Encoding:'], ''), [400, 501]],
  'chunked with a parameter': [post(['Transfer-Encoding: chunked;a=b'], '0\r\n\r\n'), [400, 501]],
  'chunked behind a vertical tab': [post(['Transfer-Encoding: \x0bchunked'], '0\r\n\r\n'), [400, 501]],
  'a space before the colon': [post(['Content-Length : 5'], smuggled), [400]],
  'a tab before the colon': [post(['Transfer-Encoding\t: chunked'], '0\r\n\r\n'), [400]],
  'a line folding': [post(['X-Folded: a', ' b', 'Content-Length: 0'], ''), [400]],
  'a folded Transfer-Encoding': [post(['Transfer-Encoding:', ' chunked'], '0\r\n\r\n'), [400, 501]],
  'a space before the first field': [`GET / HTTP/1.1\r\n Host: a\r\n\r\n`, [400]],
  'a bare CR in a value': [post(['X-Field: a\rb', 'Content-Length: 0'], ''), [400]],
  'a bare CR between lines': ['GET / HTTP/1.1\r\nHost: a\rTransfer-Encoding: chunked\r\n\r\n', [400]],
  'a bare LF between lines': ['GET / HTTP/1.1\nHost: a\n\n', [400]],
  'a bare LF behind one field': ['GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n', [400]],
  'a NUL in a value': [post(['X-Field: a\0b', 'Content-Length: 0'], ''), [400]],
  'a NUL in a name': [post(['X-Fi\0eld: a', 'Content-Length: 0'], ''), [400]],
  'a line without a colon': ['GET / HTTP/1.1\r\nHost: a\r\nnonsense\r\n\r\n', [400]],
  'a field without a name': ['GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n', [400]],
  'HTTP/0.9': ['GET /\r\n\r\n', [400]],
  'HTTP/2.0 in a line': ['GET / HTTP/2.0\r\nHost: a\r\n\r\n', [400, 505]],
  'HTTP/1.9': ['GET / HTTP/1.9\r\nHost: a\r\n\r\n', [400, 505]],
  'http in lower case': ['GET / http/1.1\r\nHost: a\r\n\r\n', [400]],
  'a space in the target': ['GET /a b HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
  'a method that is no token': ['G@T / HTTP/1.1\r\nHost: a\r\n\r\n', [400]],
  'the HTTP/2 preface': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 501, 505]],
  'TLS to a plain port': ['\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', [400]],
  'a flood of chunk extensions': [post(['Transfer-Encoding: chunked'], `1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`), [400, 413, 431]],
  'a chunk size beyond all numbers': [post(['Transfer-Encoding: chunked'], 'fffffffffffffffff\r\nx'), [400]],
  'a negative chunk size': [post(['Transfer-Encoding: chunked'], '-1\r\nx'), [400]],
  'a chunk size in 0x': [post(['Transfer-Encoding: chunked'], '0x1\r\nx\r\n0\r\n\r\n'), [400]],
  'a chunk longer than its size': [post(['Transfer-Encoding: chunked'], '1\r\nxy\r\n0\r\n\r\n'), [400]],
  'a bare LF behind a chunk size': [post(['Transfer-Encoding: chunked'], '1\nx\r\n0\r\n\r\n'), [400]],
  'a bare CR in a chunk extension': [post(['Transfer-Encoding: chunked'], '1;a\rb\r\nx\r\n0\r\n\r\n'), [400]],
  'a space behind a chunk size': [post(['Transfer-Encoding: chunked'], '1 \r\nx\r\n0\r\n\r\n'), [400, 200]],
};

describe('request framing', () => {
  const on = stage();

  for (const [what, [bytes, statuses]] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const gateway = await on.gateway(await on.service());
      const client = await on.client(gateway);
      client.send(bytes);
      const received = await (statuses.includes(200) ? client.head() : client.closed);
      expect(received.match(/^HTTP\/1\.1 \d+/gm), received).to.have.length(1);
      expect(Number(received.slice(9, 12)), received).to.be.oneOf(statuses);
      expect(received).to.not.include('/smuggled');
      expect((await on.get(gateway)).status).to.equal(200);
    });
  }

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
