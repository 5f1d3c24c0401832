/** An open tunnel passes bytes, both ways and in order, until either side ends it; then it ends for both. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { bodyOf } from './support/answers.ts';
import { asksUpgrade, grantsUpgrade } from './support/handshake.ts';
import { type Scripted, stage } from './support/stage.ts';
import type { Wire } from './support/wire.ts';

const upgrade = { upgrade: ['websocket'] };

describe('a tunnel', () => {
  const on = stage();

  const service = (behind = '') =>
    on.scripted(async (wire) => {
      await wire.head();
      wire.send(`${grantsUpgrade()}${behind}`);
    });

  async function opened(
    upstream: Scripted,
    more: object = {},
  ): Promise<{ client: Wire; service: Wire; gateway: Awaited<ReturnType<typeof on.gateway>> }> {
    const gateway = await on.gateway(upstream, { route: upgrade, ...more });
    const client = await on.client(gateway);
    await client.send(asksUpgrade()).head();
    return { client, service: await upstream.wire(0), gateway };
  }

  it('passes bytes as they are, both ways', async () => {
    const { client, service: end } = await opened(await service());
    client.send('\0\xff GET / HTTP/1.1\r\n\r\n');
    await end.has('\0\xff GET / HTTP/1.1\r\n\r\n');
    end.send('\x81\x05hello');
    expect(bodyOf(await client.has('hello'))).to.equal('\x81\x05hello');
  });

  it('passes what was sent right behind the handshake, first and in order, both ways', async () => {
    const upstream = await service('first');
    const client = await on.client(await on.gateway(upstream, { route: upgrade }));
    client.send(`${asksUpgrade()}early`);
    await client.has('first');
    client.send(' late');
    const end = await upstream.wire(0);
    end.send(' second');
    expect(bodyOf(await client.has('second'))).to.equal('first second');
    expect(bodyOf(await end.has('late'))).to.equal('early late');
  });

  it('that is opened by a further try has what was sent early once, and leaves nothing of the tries on the connection', async () => {
    const accepted: Socket[] = [];
    const accept = (message: unknown) => void accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', accept);
    on.after(() => unsubscribe('net.server.socket', accept));
    const listening: number[] = [];
    for (const refusals of [0, 2]) {
      const upstream = await on.scripted(async (wire, nth) => {
        await wire.head();
        if (nth < refusals) wire.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        else wire.send(grantsUpgrade());
      });
      const retry = { attempts: 2, backoff: { base: '1ms', max: '1ms' } };
      const client = await on.client(await on.gateway(upstream, { route: upgrade, service: { retry } }));
      await client.send(`${asksUpgrade()}early`).head();
      client.send(' late');
      expect(bodyOf(await (await upstream.wire(refusals)).has('late'))).to.equal('early late');
      for (const { received } of upstream.wires.slice(0, refusals)) expect(bodyOf(received)).to.equal('');
      const socket = accepted.find(({ remotePort }) => remotePort === client.socket.localPort);
      listening.push(socket?.listenerCount('error') ?? Number.NaN);
    }
    expect(listening[1]).to.equal(listening[0]);
  });

  it('passes megabytes unchanged, both ways at once', async () => {
    const { client, service: end } = await opened(await service());
    const piece = Buffer.alloc(3 << 20, 'abcdefg');
    client.send(piece).send('!');
    end.send(piece).send('?');
    const [there, back] = await Promise.all([end.has(/!$/), client.has(/\?$/)]);
    expect(bodyOf(there) === `${piece}!`).to.equal(true);
    expect(bodyOf(back) === `${piece}?`).to.equal(true);
  });

  const ends: Record<string, (wire: Wire) => unknown> = {
    'with a reset': (wire) => wire.reset(),
    'with an end': (wire) => wire.end(),
    'with an end behind a last word': (wire) => wire.end('bye'),
  };
  for (const [how, end] of Object.entries(ends)) {
    it(`ends for the service when the client ends it ${how}`, async () => {
      const { client, service: other } = await opened(await service());
      end(client);
      const received = await other.closed;
      if (how.includes('word')) expect(received).to.match(/bye$/);
    });

    it(`ends for the client when the service ends it ${how}`, async () => {
      const { client, service: other } = await opened(await service());
      end(other);
      const received = await client.closed;
      if (how.includes('word')) expect(received).to.match(/bye$/);
    });

    it(`ends for the client when the service ends it at once, ${how}`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        wire.socket.write(grantsUpgrade(), () => end(wire));
      });
      const client = await on.client(await on.gateway(upstream, { route: upgrade }));
      expect(await client.send(asksUpgrade()).closed).to.match(/^$|^HTTP\/1\.1 (101|502) /);
    });

    it(`that breaks under load ${how} breaks nothing else`, async () => {
      const { client, service: other, gateway } = await opened(await service());
      const piece = Buffer.alloc(1 << 20);
      for (let count = 0; count < 4; count += 1) {
        client.send(piece);
        other.send(piece);
      }
      end(client);
      await other.closed;
      const second = await on.client(gateway);
      expect(await second.send(asksUpgrade()).head()).to.match(/^HTTP\/1\.1 101 /);
    });
  }

  it('in which nothing moves is closed by the idle limit, and one that moves is not', async () => {
    const upstream = await service();
    const { client: idle, gateway } = await opened(upstream, { service: { timeouts: { idle: '300ms' } } });
    const busy = await on.client(gateway);
    await busy.send(asksUpgrade()).head();
    const beat = setInterval(() => busy.send('x'), 30);
    on.after(() => clearInterval(beat));
    await idle.closed;
    await (await upstream.wire(0)).closed;
    const received = (await upstream.wire(1)).received.length;
    await (await upstream.wire(1)).has((all) => all.length > received + 5);
    expect(busy.socket.destroyed).to.equal(false);
  });

  it('in which only the service speaks is not idle', async () => {
    const upstream = await service();
    const { client, service: end, gateway } = await opened(upstream, { service: { timeouts: { idle: '300ms' } } });
    const beat = setInterval(() => end.send('x'), 30);
    on.after(() => clearInterval(beat));
    const other = await on.client(gateway);
    await other.send(asksUpgrade()).closed;
    const received = client.received.length;
    await client.has((all) => all.length > received + 5);
  });

  it('is in the log with its status when it has ended', async () => {
    const { client, service: end, gateway } = await opened(await service());
    client.end();
    await end.closed;
    await gateway.drain();
    expect(gateway.logged().find((line) => line['event'] === 'request')).to.include({ status: 101, outcome: 'success' });
  });

  it('is a WebSocket to those who speak it: texts, bytes, pings, compression, close codes', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
    await once(server, 'listening');
    on.after(() => {
      for (const each of server.clients) each.terminate();
      server.close();
    });
    server.on('connection', (socket) => {
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      socket.on('close', (code, reason) => closed.resolve([code, String(reason)]));
    });
    const closed = Promise.withResolvers<[number, string]>();
    const { port } = server.address() as { port: number };
    const gateway = await on.gateway({ url: `ws://127.0.0.1:${port}` }, { route: upgrade });
    const connect = async () => {
      const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat`, { perMessageDeflate: true });
      await once(socket, 'open');
      return socket;
    };
    const socket = await connect();
    expect(socket.extensions).to.include('permessage-deflate');
    for (const message of ['hello', '\u{1f6aa}'.repeat(50_000), Buffer.from([0, 255, 1])]) {
      socket.send(message);
      const [data, binary] = await once(socket, 'message');
      expect(binary).to.equal(typeof message !== 'string');
      expect(Buffer.from(message).equals(data)).to.equal(true);
    }
    socket.ping('beat');
    expect(String((await once(socket, 'pong'))[0])).to.equal('beat');
    socket.close(4001, 'enough');
    expect(await closed.promise).to.deep.equal([4001, 'enough']);
    const other = await connect();
    for (const each of server.clients) each.close(4002, 'no more');
    const [code, reason] = await once(other, 'close');
    expect([code, String(reason)]).to.deep.equal([4002, 'no more']);
  });
});
