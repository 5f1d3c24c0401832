import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect as connectHttp2, createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { type Drainable, drainable } from '../../../core/server/drain.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { certificateFolder } from '../../support/certificates.ts';
import { open, parse, until, untilClosed } from '../../support/client.ts';

describe('drainable', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  /** A server that tracks what it serves, as a gateway does. */
  const serve = async (listener: RequestListener, server: Server | Http2SecureServer = createServer()) => {
    const connections: Drainable = drainable(server);
    server.on('request', ((req, res) => {
      connections.track(req, res);
      listener(req, res);
    }) as RequestListener as never);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => connections.destroy());
    return { server, connections, port: (server.address() as AddressInfo).port };
  };
  const now = { grace: 0, deadline: 5_000 };
  const nothing = () => {};
  const portClosed = (server: Server | Http2SecureServer) =>
    eventually(
      () => server.listening,
      (listening) => !listening,
    );

  it('serves the first request of a connection that was accepted just before the port closed', async () => {
    const { server, connections, port } = await serve((_req, res) => res.end('served'));
    const accepted = once(server, 'connection');
    const socket = await open(port);
    await accepted;
    const drained = connections.drain(now, nothing);
    await portClosed(server);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const answer = parse(await untilClosed(socket));
    expect([answer.status, answer.headers['connection'], answer.body]).to.deep.equal([200, ['close'], 'served']);
    expect(await drained).to.equal(0);
  });

  it('does not wait long for connections that merely idle', async () => {
    const { connections, port } = await serve((_req, res) => res.end());
    const socket = await open(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await until(socket, (text) => text.includes('\r\n\r\n'));
    const since = performance.now();
    expect(await connections.drain(now, nothing)).to.equal(0);
    expect(performance.now() - since).to.be.below(2_000);
    await untilClosed(socket);
  });

  it('waits for an answer that goes out at the end of this turn', async () => {
    const drained = Promise.withResolvers<number>();
    const { connections, port } = await serve((_req, res) => {
      UpstreamResponse.whole(200, ['Content-Length', '5'], Buffer.from('hello')).relay(res, 1_000);
      drained.resolve(connections.drain(now, nothing));
    });
    const socket = await open(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(parse(await untilClosed(socket)).body).to.equal('hello');
    expect(await drained.promise).to.equal(0);
  });

  it('lets a large answer out to a client that reads slowly', async () => {
    const size = 20 * 1024 * 1024;
    const { server, connections, port } = await serve((_req, res) => res.end(Buffer.alloc(size)));
    const socket = await open(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'readable');
    const drained = connections.drain(now, nothing);
    await portClosed(server);
    expect(parse(await untilClosed(socket)).body.length).to.equal(size);
    expect(await drained).to.equal(0);
  });

  it('cuts what is left at the deadline, and counts it', async () => {
    let requests = 0;
    const { connections, port } = await serve(() => {
      requests += 1;
    });
    const sockets = await Promise.all([open(port), open(port)]);
    for (const socket of sockets) socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(
      () => requests,
      (count) => count === 2,
    );
    expect(await connections.drain({ grace: 0, deadline: 50 }, nothing)).to.equal(2);
    expect(await Promise.all(sockets.map(untilClosed))).to.deep.equal(['', '']);
  });

  it('is unready before anything else', async () => {
    const { connections, port } = await serve((_req, res) => res.end());
    let unready = false;
    const drained = connections.drain({ grace: 50, deadline: 50 }, () => {
      unready = true;
    });
    expect(unready).to.equal(true);
    const socket = await open(port);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(parse(await untilClosed(socket)).headers['connection']).to.deep.equal(['close']);
    expect(await drained).to.equal(0);
  });

  it('says GOAWAY to HTTP/2 clients, and finishes their streams', async () => {
    const folder = certificateFolder();
    closers.push(() => folder.remove());
    const ca = await folder.authority('here');
    const { cert, key } = await folder.issue(ca, 'here', ['IP:127.0.0.1']);
    let finish = nothing;
    const { connections, port } = await serve(
      (_req, res) => {
        res.write('half ');
        finish = () => res.end('and half');
      },
      createSecureServer({ cert, key, allowHTTP1: true }),
    );
    const [busy, idle] = [
      connectHttp2(`https://127.0.0.1:${port}`, { ca: ca.cert }),
      connectHttp2(`https://127.0.0.1:${port}`, { ca: ca.cert }),
    ];
    await Promise.all([once(busy, 'remoteSettings'), once(idle, 'remoteSettings')]);
    const stream = busy.request({ ':path': '/' });
    const [chunk] = await once(stream, 'data');
    const left = [once(busy, 'goaway'), once(idle, 'goaway')];
    const drained = connections.drain(now, nothing);
    await Promise.all(left);
    finish();
    expect(String(chunk) + Buffer.concat(await stream.toArray())).to.equal('half and half');
    expect(await drained).to.equal(0);
  });
});
