import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { open as connection, until } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import { type Given, open } from '../support/gateways.ts';
import type { Echo } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a mirror', () => {
  const servers = serversOfThisSuite();

  const mirrored = (original: string, copy: string | readonly string[], options: object = {}, route: object = {}): Given => {
    const copies = [copy].flat();
    const given = open(original, {
      route: {
        filters: [
          { setRequestHeader: { 'x-set': 'before' } },
          ...copies.map((_, at) => ({ mirror: { service: `copy${at}`, ...options } })),
        ],
        ...route,
      },
    });
    const services = Object.fromEntries(copies.map((url, at) => [`copy${at}`, { endpoints: [url] }]));
    return { ...given, services: { ...given.services, ...services } };
  };
  /** What a service was asked, once all of it is there. */
  const keeping = () => {
    const seen: { method: string | undefined; url: string | undefined; headers: Record<string, unknown>; body: string }[] = [];
    const listener: RequestListener = (req, res) => {
      let body = '';
      req.on('data', (chunk) => {
        body += chunk;
      });
      req.on('end', () => {
        seen.push({ method: req.method, url: req.url, headers: req.headers, body });
        res.end('nobody reads this');
      });
    };
    return { seen, listener };
  };
  const count = (list: readonly unknown[], wanted: number) =>
    eventually(
      () => list.length,
      (length) => length === wanted,
    );
  const kib = 'x'.repeat(1024);
  const mib = kib.repeat(1024);

  it('sends the request as the service gets it to another, which knows that it is a copy', async () => {
    const upstream = await servers.upstream();
    const { seen, listener } = keeping();
    const other = keeping();
    for (const start of [servers.public, servers.private]) {
      const copy = await servers.upstream(listener);
      const second = await servers.upstream(other.listener);
      const gateway = await start(mirrored(upstream.url, [copy.url, second.url]));
      const answer = await ask(gateway.port, '/orders?page=2', { method: 'POST', body: kib, headers: { 'x-gateway-mirror': 'forged' } });
      const echo = answer.json() as unknown as Echo;
      expect([answer.status, echo.body, echo.headers['x-set'], echo.headers['x-gateway-mirror']]).to.deep.equal([
        200,
        kib,
        'before',
        undefined,
      ]);
    }
    await count(seen, 2);
    await count(other.seen, 2);
    for (const copied of [...seen, ...other.seen]) {
      expect([copied.method, copied.url, copied.body]).to.deep.equal(['POST', '/orders?page=2', kib]);
      expect(copied.headers).to.include({ 'x-set': 'before', 'x-gateway-mirror': '1', 'content-length': '1024' });
    }
  });

  it('sends none of a body that is too large to keep, and all of it to the service', async () => {
    const upstream = await servers.upstream();
    const { seen, listener } = keeping();
    const copy = await servers.upstream(listener);
    const gateway = await servers.public(mirrored(upstream.url, copy.url));
    const answer = await ask(gateway.port, '/', { method: 'POST', body: mib });
    expect((answer.json() as unknown as Echo).body).to.have.length(mib.length);
    expect((await ask(gateway.port, '/last')).status).to.equal(200);
    await count(seen, 1);
    expect(seen[0]?.url).to.equal('/last');
  });

  for (const [how, copy] of Object.entries<() => Promise<string>>({
    'is down': async () => `http://127.0.0.1:${(await freePorts(1))[0]}`,
    'never answers': async () => (await servers.rawUpstream(() => {})).url,
    'cuts the connection': async () => (await servers.rawUpstream((socket) => void socket.destroy())).url,
    'cuts its answer': async () =>
      (await servers.rawUpstream((socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))).url,
    'speaks no HTTP': async () => (await servers.rawUpstream((socket) => void socket.end('what?\r\n\r\n'))).url,
    'answers without end': async () =>
      (
        await servers.rawUpstream((socket) => {
          socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
          const more = () => {
            if (!socket.destroyed) socket.write(`10000\r\n${'y'.repeat(65_536)}\r\n`, more);
          };
          more();
        })
      ).url,
  }))
    it(`harms nothing when its service ${how}`, async () => {
      const upstream = await servers.upstream();
      const gateway = await servers.public(mirrored(upstream.url, await copy()));
      for (const body of ['', kib, mib]) {
        const answer = await ask(gateway.port, '/', { method: 'POST', body });
        expect([answer.status, (answer.json() as unknown as Echo).body.length]).to.deep.equal([200, body.length]);
      }
    });

  it('is not read without end', async () => {
    const upstream = await servers.upstream();
    const endless = await servers.rawUpstream((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const more = () => {
        if (!socket.destroyed) socket.write(`10000\r\n${'y'.repeat(65_536)}\r\n`, more);
      };
      more();
    });
    const gateway = await servers.public(mirrored(upstream.url, endless.url));
    await ask(gateway.port, '/');
    await eventually(
      () => endless.connections.filter(({ destroyed }) => destroyed).length,
      (closed) => closed === 1,
    );
  });

  it('fails with nobody when the original fails', async () => {
    const { seen, listener } = keeping();
    const copy = await servers.upstream(listener);
    const gateway = await servers.public(mirrored('http://127.0.0.1:1', copy.url));
    expect((await ask(gateway.port, '/')).status).to.equal(502);
    await count(seen, 1);
  });

  it('takes the share it is given', async () => {
    const upstream = await servers.upstream();
    const { seen, listener } = keeping();
    const copy = await servers.upstream(listener);
    const none = await servers.public(mirrored(upstream.url, copy.url, { sample: '0%' }));
    await ask(none.port, '/none');
    const all = await servers.public(mirrored(upstream.url, copy.url));
    await ask(all.port, '/all');
    await count(seen, 1);
    expect(seen[0]?.url).to.equal('/all');
  });

  it('copies no upgrade, but what else comes by its route', async () => {
    const upstream = await servers.rawUpstream((socket, head) => {
      if (/^upgrade:/im.test(head))
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nhello');
      else socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
    const { seen, listener } = keeping();
    const copy = await servers.upstream(listener);
    const gateway = await servers.public(mirrored(upstream.url, copy.url, {}, { upgrade: ['websocket'] }));
    const socket = await connection(gateway.port);
    socket.write(
      'GET /up HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-key: a\r\nsec-websocket-version: 13\r\n\r\n',
    );
    await until(socket, (received) => received.includes('hello'));
    socket.destroy();
    expect((await ask(gateway.port, '/plain')).status).to.equal(200);
    await count(seen, 1);
    expect(seen[0]?.url).to.equal('/plain');
  });
});
