import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { exchange, open as openSocket, parse, until } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import { freePorts } from '../support/free-ports.ts';
import { open, type TestGateway, type TestOptions } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('an upgrade passes the layers that every request passes', () => {
  const servers = serversOfThisSuite();
  const upgrade = { upgrade: ['websocket'] };
  const handshake = [
    'GET /live HTTP/1.1',
    'Host: shop.example',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  ];
  const asked = `${handshake.join('\r\n')}\r\n\r\n`;
  const switching =
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n';

  const behind = (endpoints: readonly string[], service: object = {}, options: TestOptions = {}): Promise<TestGateway> =>
    servers.public(open('', { route: upgrade, service: { endpoints, balancer: 'roundRobin', ...service } }), options);

  /** A service that upgrades whatever asks for it, and answers anything else. */
  const upgrading = (): Promise<Upstream> =>
    servers.rawUpstream((socket, head) => {
      socket.write(/upgrade: websocket/i.test(head) ? switching : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });

  /** The head of what an upgrade was answered, and the client's end. */
  const upgradeAt = async ({ port }: TestGateway) => {
    const socket: Socket = await openSocket(port);
    servers.defer(() => socket.destroy());
    socket.write(asked);
    const received = await until(socket, (text) => text.includes('\r\n\r\n'));
    return { socket, ...parse(received) };
  };

  it('it is tried on another endpoint when one takes no connection', async () => {
    const nobody = `http://127.0.0.1:${(await freePorts(1))[0]}`;
    const gateway = await behind([nobody, (await upgrading()).url], { retry: { budget: '100%' } });
    for (let count = 0; count < 12; count += 1) expect((await upgradeAt(gateway)).status).to.equal(101);
    // As many as it took to eject it.
    const retries = (await scrape(gateway.admin)).named('gateway_retry_attempts_total');
    expect(retries.map(({ labels, value }) => [labels['reason'], value])).to.deep.equal([['connect', 5]]);
  });

  it('and is then a WebSocket like any other', async () => {
    const nobody = `http://127.0.0.1:${(await freePorts(1))[0]}`;
    const service = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(service, 'listening');
    service.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo: ${data}`)));
    servers.defer(() => service.close());
    const gateway = await behind([nobody, `http://127.0.0.1:${(service.address() as AddressInfo).port}`]);
    for (const text of ['one', 'two']) {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live`);
      await once(socket, 'open');
      socket.send(text);
      const [data] = await once(socket, 'message');
      expect(String(data)).to.equal(`echo: ${text}`);
      const closed = once(socket, 'close');
      socket.close(1000, 'enough');
      expect((await closed)[0]).to.equal(1000);
    }
  });

  it('an open breaker refuses it with an ordinary 503', async () => {
    const upstream = await upgrading();
    const gateway = await behind([upstream.url], { circuitBreaker: { force: 'open' } });
    const answer = await exchange(gateway.port, asked);
    expect([answer.status, JSON.parse(answer.body).code, answer.headers['connection']]).to.deep.equal([503, 'circuit-open', ['close']]);
    expect(answer.headers['retry-after']).to.deep.equal(['5']);
    expect(upstream.connections.length).to.equal(0);
  });

  it('one that is refused by the service is no failure of it; one that it breaks is', async () => {
    let answer = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n';
    const moody = await servers.rawUpstream((socket) => void socket.end(answer));
    const good = await upgrading();
    const gateway = await behind([moody.url, good.url], { retry: { attempts: 0 } });
    const statuses = async (count: number) => {
      const all: number[] = [];
      for (let times = 0; times < count; times += 1) all.push((await upgradeAt(gateway)).status);
      return all;
    };
    expect(await statuses(16)).to.deep.equal(Array(8).fill([403, 101]).flat());
    answer = '';
    expect(await statuses(10)).to.deep.equal([502, 101, 502, 101, 502, 101, 502, 101, 502, 101]);
    expect(await statuses(6)).to.deep.equal(Array(6).fill(101));
  });

  it('one that opens is the probe that brings an endpoint back, however long it then lasts', async () => {
    const clock = testClock();
    let broken = true;
    const returning = await servers.rawUpstream((socket, head) => {
      if (broken) socket.end('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n');
      else socket.write(/upgrade: websocket/i.test(head) ? switching : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const gateway = await behind([returning.url, (await upgrading()).url], {}, { clock });
    for (let count = 0; count < 10; count += 1) await upgradeAt(gateway);
    const health = async () => (await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ value }) => value);
    expect(await health()).to.deep.equal([0, 1]);
    broken = false;
    clock.advance(30_001);
    const probe = await upgradeAt(gateway);
    expect([probe.status, await health()]).to.deep.equal([101, [1, 1]]);
    expect(probe.socket.destroyed).to.equal(false);
  });

  it('one whose client leaves before it opens is no probe: the next may be', async () => {
    const clock = testClock();
    let answer: string | undefined = 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n';
    let heads = 0;
    const returning = await servers.rawUpstream((socket) => {
      heads += 1;
      if (answer !== undefined) socket.end(answer);
    });
    const gateway = await behind([returning.url, (await upgrading()).url], {}, { clock });
    for (let count = 0; count < 10; count += 1) await upgradeAt(gateway);
    expect(heads).to.equal(5);
    answer = undefined;
    clock.advance(30_001);
    const leaving = await openSocket(gateway.port);
    leaving.write(asked);
    await eventually(
      () => heads,
      (count) => count === 6,
    );
    const closed = once(returning.connections.at(-1) ?? leaving, 'close');
    leaving.destroy();
    await closed;
    answer = switching;
    expect((await upgradeAt(gateway)).status).to.equal(101);
    expect(heads).to.equal(7);
    expect((await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ value }) => value)).to.deep.equal([1, 1]);
    expect((await scrape(gateway.admin)).named('gateway_circuit_breaker_state').map(({ value }) => value)).to.deep.equal([0]);
  });
});
