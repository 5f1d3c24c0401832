/** A WebSocket goes through the same checks, before anything is opened behind the gateway. */
import { expect } from 'chai';
import { open as openSocket, until } from '../../support/client.ts';
import { testClock } from '../../support/clock.ts';
import { startPublic, type TestGateway } from '../../support/gateways.ts';
import { type ChatServer, chatServer, masked } from './support/chat-server.ts';
import { forged, isForged } from './support/forged-fields.ts';
import { AUDIENCE, goodClaims, honest, ISSUER, newKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';

describe('access tokens: upgrades', () => {
  const key = newKey('RS256', 'rsa');
  const clock = testClock();
  let issuer: KeySetServer;
  let chat: ChatServer;
  let edge: TestGateway;

  before(async () => {
    issuer = await keySetServer(key);
    chat = await chatServer();
    edge = await startPublic(
      {
        services: { chat: { endpoints: [chat.url] } },
        routes: [
          {
            name: 'chat',
            match: { path: '/chat' },
            service: 'chat',
            upgrade: ['websocket'],
            expose: { public: { scopes: ['orders:read'] } },
          },
          {
            name: 'lobby',
            match: { path: '/lobby' },
            service: 'chat',
            upgrade: ['websocket'],
            expose: { public: { access: 'anonymous' } },
          },
        ],
        public: { jwt: { issuer: ISSUER, audience: AUDIENCE, jwks: issuer.url } },
      },
      { clock },
    );
  });
  after(async () => {
    await edge.stop();
    await Promise.all([chat.close(), issuer.close()]);
  });

  const handshake = (path: string, fields: readonly string[] = []): string[] => [
    `GET ${path} HTTP/1.1`,
    'Host: shop',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...fields,
  ];

  async function opened(lines: readonly string[]) {
    const socket = await openSocket(edge.port);
    socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const head = await until(socket, (text) => text.includes('\r\n\r\n'));
    return { socket, head };
  }

  it('J23 asks for the token before it opens a connection to the service', async () => {
    const expired = await honest(key, { ...goodClaims(clock.seconds()), exp: clock.seconds() - 60 });
    const unscoped = await honest(key, { ...goodClaims(clock.seconds()), scope: 'nothing' });
    for (const [fields, status] of [
      [[], 401],
      [['Authorization: Bearer x'], 401],
      [[`Authorization: Bearer ${expired}`], 401],
      [[`Authorization: Bearer ${unscoped}`], 403],
      [['Sec-WebSocket-Protocol: bearer, token'], 401],
    ] as const) {
      const { socket, head } = await opened([...handshake('/chat', fields), 'Connection: Upgrade']);
      expect(head).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      expect(head).to.match(/^www-authenticate: Bearer/im);
      socket.destroy();
    }
    expect(chat.connections).to.equal(0);
  });

  it('J23 opens the socket for a good token, and keeps it when the token ends', async () => {
    const { socket, head } = await opened([
      ...handshake('/chat', [`Authorization: Bearer ${await honest(key, goodClaims(clock.seconds()))}`]),
      'Connection: Upgrade',
    ]);
    expect(head).to.match(/^HTTP\/1.1 101 /);
    clock.advance(2 * 3600 * 1000); // a token is asked for when a socket opens: who holds one may finish
    const echoed = until(socket, (text) => text.includes('hello'));
    socket.write(masked('hello'));
    expect(await echoed).to.contain('hello');
    socket.destroy();
  });

  for (const path of ['/chat', '/lobby']) {
    it(`J18 keeps identity fields from the service on an upgrade of ${path}`, async () => {
      const good = await honest(key, { ...goodClaims(clock.seconds()), sub: 'user-3' });
      for (const connection of ['Connection: Upgrade', 'Connection: Upgrade, X-User-Id, X-Gateway-Caller']) {
        const { socket, head } = await opened([...handshake(path, [`Authorization: Bearer ${good}`, ...forged]), connection]);
        expect(head).to.match(/^HTTP\/1.1 101 /);
        expect(isForged(chat.lastFields()), chat.lastFields().join()).to.equal(false);
        expect(chat.lastFields().includes('user-3')).to.equal(path === '/chat');
        socket.destroy();
      }
    });
  }
});
