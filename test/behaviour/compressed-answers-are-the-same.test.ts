import { connect } from 'node:http2';
import type { Socket } from 'node:net';
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { open as connection, exchange, until } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('compressed answers', () => {
  const servers = serversOfThisSuite();
  const decompress = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync };
  const large = Buffer.from(Array.from({ length: 60_000 }, (_, line) => `line ${line} of a large answer\n`).join(''));

  it('are what the service wrote, in each encoding and to either client', async () => {
    const upstream = await servers.upstream((req, res) => {
      const sized = req.url === '/sized' ? { 'content-length': large.length } : {};
      res.writeHead(200, { 'content-type': 'text/plain', ...sized }).end(large);
    });
    const gateway = await servers.public(open(upstream.url, { public: { filters: ['compress'] } }));
    for (const [encoding, decoded] of Object.entries(decompress))
      for (const path of ['/sized', '/streamed']) {
        const bytes = await exchange(gateway.port, `GET ${path} HTTP/1.0\r\nhost: x\r\naccept-encoding: ${encoding}\r\n\r\n`);
        expect([bytes.status, bytes.headers['content-encoding'], bytes.headers['content-length']]).to.deep.equal([
          200,
          [encoding],
          undefined,
        ]);
        expect(decoded(Buffer.from(bytes.body, 'latin1')).equals(large)).to.equal(true);
        expect(bytes.body.length).to.be.lessThan(large.length / 2);
      }
    const plain = await exchange(gateway.port, 'GET /sized HTTP/1.0\r\nhost: x\r\n\r\n');
    expect([plain.body.length, plain.headers['vary'], plain.headers['content-length']]).to.deep.equal([
      large.length,
      ['Accept-Encoding'],
      [String(large.length)],
    ]);
  });

  it('are the same over HTTP/2', async () => {
    const upstream = await servers.upstream((_, res) => void res.writeHead(200, { 'content-type': 'text/plain' }).end(large));
    const folder = certificateFolder();
    servers.defer(() => folder.remove());
    const { certFile, keyFile } = await folder.localhost();
    const tls = { cert: certFile, key: keyFile };
    const given = open(upstream.url, { route: { filters: ['compress'] }, public: { listen: { tls } } });
    const gateway = await servers.public(given, { directory: folder.path });
    const session = connect(gateway.url, { rejectUnauthorized: false });
    const stream = session.request({ ':path': '/', 'accept-encoding': 'br' });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    session.close();
    expect(brotliDecompressSync(Buffer.concat(chunks)).equals(large)).to.equal(true);
  });

  it('arrive as they come', async () => {
    let more: (() => void) | undefined;
    const upstream = await servers.upstream((_, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: first\n\n');
      more = () => res.end('data: last\n\n');
    });
    const gateway = await servers.public(open(upstream.url, { route: { filters: [{ compress: { encodings: ['gzip'] } }] } }));
    const socket = await connection(gateway.port);
    socket.write('GET / HTTP/1.0\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n');
    // A block that ends on a byte: what was flushed can be read.
    await until(socket, (received) => received.includes('\0\0\xff\xff'));
    more?.();
    await until(socket, (received) => received.length > 0);
  });

  it('wait in the service while the client does not read, and end with the client', async () => {
    let written = 0;
    const sockets: Socket[] = [];
    const upstream = await servers.rawUpstream((socket) => {
      sockets.push(socket);
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = () => {
        if (socket.destroyed) return;
        // Not to be made small: the client's side fills up.
        const noise = Buffer.from(Array.from({ length: 16_384 }, () => Math.floor(Math.random() * 256)));
        written += noise.length;
        socket.write('4000\r\n');
        socket.write(noise);
        socket.write('\r\n', more);
      };
      more();
    });
    const gateway = await servers.public(open(upstream.url, { route: { filters: ['compress'] } }));
    const client = await connection(gateway.port);
    client.pause();
    client.write('GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n');
    let before = -1;
    await eventually(
      async () => {
        const still = before === written && written > 0;
        before = written;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return still && before === written;
      },
      Boolean,
      8_000,
    );
    expect(written).to.be.lessThan(64 * 1024 * 1024);
    client.destroy();
    await eventually(() => sockets.every(({ destroyed }) => destroyed), Boolean);
  });

  it('are cut where the service cuts them', async () => {
    const upstream = await servers.rawUpstream((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\nhalf');
    });
    const gateway = await servers.public(open(upstream.url, { route: { filters: ['compress'] } }));
    const socket = await connection(gateway.port);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n');
    let received = '';
    for await (const chunk of socket.setEncoding('latin1')) received += chunk;
    // Either the head was not out yet, and it is a failure; or the last chunk never comes.
    expect(/^HTTP\/1.1 502/.test(received) || !received.endsWith('0\r\n\r\n')).to.equal(true);
  });

  it('are the gateway’s own too: a problem document passes the same filters', async () => {
    const given = open('http://127.0.0.1:1', {
      route: { filters: [{ compress: { minSize: '10B', types: ['application/*'] } }, 'secureHeaders'] },
    });
    const gateway = await servers.public(given);
    const raw = await exchange(gateway.port, 'GET / HTTP/1.0\r\nhost: x\r\naccept-encoding: gzip\r\n\r\n');
    expect([raw.status, raw.headers['x-frame-options']]).to.deep.equal([502, ['DENY']]);
    expect(JSON.parse(String(gunzipSync(Buffer.from(raw.body, 'latin1'))))).to.include({ code: 'connection-refused' });
    const head = await ask(gateway.port, '/', { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } });
    expect([head.status, head.header('content-encoding'), head.body]).to.deep.equal([502, 'gzip', '']);
  });
});
