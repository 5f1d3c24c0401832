/** Fields that concern one connection end with it, both ways (RFC 9110 section 7.6.1). */
import { expect } from 'chai';
import { namesOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

const ONE_CONNECTION = [
  'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive',
  'TE: gzip;q=0.5',
  'Proxy-Authorization: Basic dTpw',
  'Proxy-Authenticate: Basic realm="x"',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA',
];
const GONE = [
  'keep-alive',
  'proxy-connection',
  'te',
  'proxy-authorization',
  'proxy-authenticate',
  'http2-settings',
  'x-one',
  'x-two',
  'x-three',
];
const LISTED = [
  'X-One: 1',
  'X-Two: 2',
  'X-Three: 3',
  'X-Four: 4',
  'Connection: x-one,\tX-TWO , HTTP2-Settings, Upgrade',
  'Connection: X-Three',
];

describe('hop-by-hop fields', () => {
  const on = stage();

  it('of a client do not reach the service, nor do those that Connection lists', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    expect((await on.get(gateway, ...ONE_CONNECTION, ...LISTED)).status).to.equal(204);
    const names = namesOf((await upstream.wire(0)).received);
    expect(names).to.include('x-four');
    expect(names).to.not.include.members(['upgrade', 'transfer-encoding']);
    for (const name of GONE) expect(names).to.not.include(name);
  });

  it('of a client do not reach the service with an upgrade either', async () => {
    const upstream = await on.answering('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
    const fields = ONE_CONNECTION.filter((line) => !line.startsWith('Upgrade'));
    const lines = ['GET / HTTP/1.1', 'Host: a', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...fields, ...LISTED];
    expect((await on.exchange(gateway, `${lines.join('\r\n')}\r\n\r\n`)).status).to.equal(403);
    const { received } = await upstream.wire(0);
    expect(namesOf(received)).to.include.members(['x-four', 'upgrade', 'sec-websocket-key']);
    for (const name of GONE) expect(namesOf(received)).to.not.include(name);
    expect(received).to.match(/\r\nConnection: Upgrade\r\n/i);
  });

  it('of a service do not reach the client, nor do those that Connection lists', async () => {
    const fields = [...ONE_CONNECTION, ...LISTED, 'Content-Length: 0'].join('\r\n');
    const gateway = await on.gateway(await on.answering(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`));
    const { headers } = await on.get(gateway);
    expect(headers).to.include.keys('x-four');
    expect(headers).to.not.have.any.keys(...GONE, 'upgrade');
    expect(headers['connection']).to.deep.equal(['close']);
  });

  it('of a service do not reach the client with a 101 either', async () => {
    const fields = [
      ...LISTED.slice(0, -2),
      'Keep-Alive: timeout=5',
      'Proxy-Authenticate: Basic',
      'Upgrade: websocket',
      'Connection: Upgrade, X-One, x-two, x-three',
    ];
    const upstream = await on.answering(`HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n`, 'end');
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
    const lines =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    const { status, headers } = await on.exchange(gateway, lines);
    expect(status).to.equal(101);
    expect(headers['connection']).to.deep.equal(['Upgrade']);
    expect(headers).to.include.keys('x-four', 'upgrade');
    expect(headers).to.not.have.any.keys(...GONE);
  });

  it('cannot be used to take away what the gateway says', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    const gateway = await on.gateway(upstream);
    const mine = ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Request-Id', 'Host', 'X-Forwarded-Proto', 'X-Forwarded-Host'];
    await on.exchange(gateway, `POST / HTTP/1.1\r\nHost: a\r\nConnection: close, ${mine.join(', ')}\r\nContent-Length: 2\r\n\r\nhi`);
    expect(namesOf((await upstream.wire(0)).received)).to.include.members(mine.map((name) => name.toLowerCase()));
  });

  it('TE: trailers goes on, and nothing else of it', async () => {
    const upstream = await on.answering('HTTP/1.1 204 No Content\r\n\r\n');
    await on.get(await on.gateway(upstream), 'TE: deflate;q=0.5, trailers', 'Connection: TE');
    expect((await upstream.wire(0)).received.toLowerCase())
      .to.include('\r\nte: trailers\r\n')
      .and.not.include('deflate');
  });
});
