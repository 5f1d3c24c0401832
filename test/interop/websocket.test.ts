/** Node's usual clients, ws and socket.io, talk to their own servers through the public gateway. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import WebSocket from 'ws';
import { openBench } from './support/bench.ts';
import { type Chat, startChat } from './support/chat.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { startIssuer } from './support/issuer.ts';
import { until, within } from './support/until.ts';

describe('ws and socket.io clients through the public gateway', () => {
  const bench = openBench();
  let chat: Chat;
  let gateway: Gateway;
  let authorization: string;

  before(async () => {
    const issuer = await startIssuer(bench);
    authorization = `Bearer ${await issuer.token('ada')}`;
    chat = await startChat(bench);
    const file = await bench.file(
      'postern.yaml',
      `
services:
  chat: { endpoints: ['${chat.url}'] }
routes:
  - name: chat
    match: { path: /chat }
    service: chat
    upgrade: [websocket]
    expose: { public: {} }
  - name: socket.io
    match: { pathPrefix: /socket.io }
    service: chat
    upgrade: [websocket]
    expose: { public: {} }
public:
  listen: { host: 127.0.0.1, port: 0 }
  jwt: ${JSON.stringify(issuer.jwt)}
  rateLimit: 100000/s
  admin: { host: 127.0.0.1, port: 0 }
`,
    );
    gateway = await startGateway(bench, 'public-gateway', file);
  });
  after(() => bench.clear());

  async function openWebSocket(): Promise<WebSocket> {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat?room=1`, { headers: { authorization } });
    bench.undo(() => socket.terminate());
    await within('a WebSocket to open', once(socket, 'open'));
    return socket;
  }

  async function openSocketIo(transports: string[]): Promise<Socket> {
    const socket = io(gateway.url, { transports, extraHeaders: { authorization }, reconnection: false, forceNew: true });
    bench.undo(() => socket.disconnect());
    await within(
      'socket.io to connect',
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('connect_error', reject);
      }),
    );
    return socket;
  }

  it('ws: echoes text and a mebibyte of noise, with its compression agreed on', async () => {
    const socket = await openWebSocket();
    expect(socket.extensions).to.contain('permessage-deflate');
    for (const [message, binary] of [
      [Buffer.from('grüß dich'), false],
      [randomBytes(1 << 20), true],
    ] as const) {
      socket.send(message, { binary });
      const [echo, isBinary] = (await within('an echo', once(socket, 'message'))) as [Buffer, boolean];
      expect(echo.equals(message)).to.equal(true);
      expect(isBinary).to.equal(binary);
    }
  });

  it('ws: answers a ping and carries the code and reason of a close', async () => {
    const socket = await openWebSocket();
    socket.ping('are you there');
    const [pong] = (await within('a pong', once(socket, 'pong'))) as [Buffer];
    expect(pong.toString()).to.equal('are you there');
    socket.close(4001, 'enough');
    const [code] = (await within('the close', once(socket, 'close'))) as [number];
    expect(code).to.equal(4001);
    await until('the server to hear of it', () => chat.closed.includes('4001 enough'));
  });

  it('ws: gets a plain 401 without a token, and the server hears nothing', async () => {
    const before = chat.opened();
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/chat`);
    socket.on('error', () => undefined);
    const [, response] = (await within('a refusal', once(socket, 'unexpected-response'))) as [unknown, IncomingMessage];
    expect(response.statusCode).to.equal(401);
    expect(response.headers['content-type']).to.contain('application/problem+json');
    socket.terminate();
    expect(chat.opened()).to.equal(before);
  });

  it('socket.io: begins by polling and upgrades to a WebSocket', async () => {
    const socket = await openSocketIo(['polling', 'websocket']);
    await until('the upgrade', () => socket.io.engine.transport.name === 'websocket');
    expect(await socket.timeout(5000).emitWithAck('say', 'hello')).to.equal('hello');
  });

  for (const transport of ['polling', 'websocket']) {
    it(`socket.io: talks by ${transport} alone`, async () => {
      const socket = await openSocketIo([transport]);
      expect(await socket.timeout(5000).emitWithAck('say', { word: 'hello', bytes: randomBytes(100_000) })).to.have.property(
        'word',
        'hello',
      );
      expect(socket.io.engine.transport.name).to.equal(transport);
    });
  }

  it('socket.io: is refused without a token', async () => {
    const socket = io(gateway.url, { reconnection: false, forceNew: true });
    const error = await within('a refusal', new Promise<Error>((resolve) => socket.once('connect_error', resolve)));
    socket.disconnect();
    expect(error).to.have.nested.property('context.status', 401);
  });
});
