/** Who the client is, is the gateway's to say, and that of the proxies it trusts: nobody else's (RFC 7239 section 8.1). */
import { expect } from 'chai';
import { exchange } from '../support/client.ts';
import { expectProblem, fieldsOf } from './support/answers.ts';
import { type Scripted, stage } from './support/stage.ts';

const ok = 'HTTP/1.1 204 No Content\r\n\r\n';
const LIES = [
  'X-Forwarded-For: 6.6.6.6',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Port: 666',
  'X-Forwarded-Server: evil.example',
  'X-Forwarded-Prefix: /evil',
  'X-Real-IP: 6.6.6.6',
  'Forwarded: for=6.6.6.6;proto=https;host=evil.example',
  'Forwarded: for=7.7.7.7',
];

describe('forwarding fields', () => {
  const on = stage();

  async function seen(upstream: Scripted): Promise<Record<string, string[]>> {
    const { received } = await upstream.wire(0);
    const names = ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'forwarded', 'x-real-ip'];
    return Object.fromEntries(names.map((name) => [name, fieldsOf(received, name)]));
  }

  const truth = (host: string) => ({
    'x-forwarded-for': ['127.0.0.1'],
    'x-forwarded-proto': ['http'],
    'x-forwarded-host': [host],
    'x-forwarded-port': [host.split(':')[1] ?? '80'],
    forwarded: [`for=127.0.0.1;proto=http;host="${host}";by=_public-gateway`],
    'x-real-ip': [],
  });

  it('say who the peer is', async () => {
    const upstream = await on.answering(ok);
    await on.exchange(await on.gateway(upstream), 'GET / HTTP/1.1\r\nHost: shop.example:8443\r\nConnection: close\r\n\r\n');
    expect(await seen(upstream)).to.deep.equal(truth('shop.example:8443'));
  });

  it('of a stranger are lies, in any number', async () => {
    const upstream = await on.answering(ok);
    await on.get(await on.gateway(upstream), ...LIES, ...LIES);
    expect(await seen(upstream)).to.deep.equal(truth('a'));
    const { received } = await upstream.wire(0);
    expect(received).to.not.match(/6\.6\.6\.6|7\.7\.7\.7|evil\.example/);
  });

  it('of a stranger are lies in an upgrade too', async () => {
    const upstream = await on.answering('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
    const lines = [
      'GET / HTTP/1.1',
      'Host: a',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...LIES,
    ];
    await on.exchange(gateway, `${lines.join('\r\n')}\r\n\r\n`);
    expect(await seen(upstream)).to.deep.equal(truth('a'));
    expect(fieldsOf((await upstream.wire(0)).received, 'via')).to.deep.equal(['1.1 public-gateway']);
    expect(fieldsOf((await upstream.wire(0)).received, 'x-request-id')).to.have.length(1);
  });

  it('of a stranger are lies when a field with an underscore says them', async () => {
    const upstream = await on.answering(ok);
    await on.get(
      await on.gateway(upstream),
      'X_Forwarded_For: 6.6.6.6',
      'x_real_ip: 6.6.6.6',
      'X_FORWARDED-Host: evil.example',
      'X-User_Id: root',
    );
    expect((await upstream.wire(0)).received).to.not.match(/6\.6\.6\.6|evil|root/);
  });

  it('of a service are lies in either spelling inside too, and so is the name of a caller', async () => {
    const upstream = await on.answering(ok);
    const lies = [
      'x_gateway_caller: evil',
      'X_Gateway-Caller: evil',
      'X-Gateway_Role: evil',
      'x_forwarded_for: 6.6.6.6',
      'X_Forwarded-Host: evil.example',
      'X_Forwarded_Prefix: /evil',
      'X_Real_IP: 6.6.6.6',
      'X_Request_Id: evil',
      'Proxy_Status: evil',
      'Transfer_Encoding: evil',
    ];
    await on.get(await on.privateGateway(upstream), ...lies, 'X-User-Id: ada', 'My_Own: kept');
    const { received } = await upstream.wire(0);
    expect(received).to.not.match(/6\.6\.6\.6|evil/);
    expect(fieldsOf(received, 'x-gateway-caller')).to.deep.equal(['tests']);
    expect(fieldsOf(received, 'x-user-id')).to.deep.equal(['ada']);
    expect(fieldsOf(received, 'my_own')).to.deep.equal(['kept']);
  });

  it('of a trusted proxy are believed and continued', async () => {
    const upstream = await on.answering(ok);
    const gateway = await on.gateway(upstream, { public: { trustedProxies: ['127.0.0.0/8'] } });
    await on.get(gateway, 'X-Forwarded-For: 9.9.9.9, 203.0.113.7', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: shop.example');
    expect(await seen(upstream)).to.deep.equal({
      'x-forwarded-for': ['9.9.9.9, 203.0.113.7, 127.0.0.1'],
      'x-forwarded-proto': ['https'],
      'x-forwarded-host': ['shop.example'],
      'x-forwarded-port': ['443'],
      forwarded: ['for=127.0.0.1;proto=https;host="shop.example";by=_public-gateway'],
      'x-real-ip': [],
    });
  });

  it('of a trusted proxy are believed in the standard spelling too', async () => {
    const upstream = await on.answering(ok);
    const gateway = await on.gateway(upstream, { public: { trustedProxies: ['127.0.0.1'] } });
    await on.get(gateway, 'Forwarded: for="[2001:db8::1]:4711";proto=https;host="shop.example:8443"');
    const { forwarded } = await seen(upstream);
    expect(forwarded).to.deep.equal([
      'for="[2001:db8::1]:4711";proto=https;host="shop.example:8443", for=127.0.0.1;proto=https;host="shop.example:8443";by=_public-gateway',
    ]);
  });

  const clients: [string, string[], string][] = [
    ['the one that the trusted proxy names', ['X-Forwarded-For: 203.0.113.7'], '203.0.113.7'],
    ['not the one that the client named to it', ['X-Forwarded-For: 6.6.6.6, 203.0.113.7'], '203.0.113.7'],
    ['the first beyond the trusted ones', ['X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.1, 10.0.0.2'], '203.0.113.7'],
    [
      'read from several lines as from one',
      ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.7', 'X-Forwarded-For: 10.0.0.1'],
      '203.0.113.7',
    ],
    ['no further than what can be read', ['X-Forwarded-For: 6.6.6.6, unknown, 10.0.0.1'], '10.0.0.1'],
    ['an IPv6 address', ['Forwarded: for="[2001:db8::1]:4711", for=10.0.0.1'], '2001:db8::1'],
  ];
  for (const [who, lines, address] of clients) {
    it(`make the client ${who}`, async () => {
      const gateway = await on.gateway(await on.answering(ok), { public: { trustedProxies: ['127.0.0.1', '10.0.0.0/8'] } });
      await on.get(gateway, ...lines);
      await gateway.drain();
      expect(gateway.logged().find((line) => line['event'] === 'request')?.['client']).to.equal(address);
    });
  }

  for (const lines of [
    ['X-Forwarded-For: 203.0.113.7', 'Forwarded: for=6.6.6.6'],
    ['X-Forwarded-For: 203.0.113.7', 'Forwarded: for=203.0.113.7;;;='],
    ['Forwarded: for=203.0.113.7;;;='],
  ]) {
    it(`of a trusted proxy that contradict each other are refused, lest the client be the proxy itself: ${lines.join(', ')}`, async () => {
      const upstream = await on.answering(ok);
      const trustedProxies = ['127.0.0.1'];
      for (const gateway of [
        await on.gateway(upstream, { public: { trustedProxies } }),
        await on.privateGateway(upstream, { private: { trustedProxies } }),
      ]) {
        expectProblem(await on.get(gateway, ...lines), 400, 'bad-request');
      }
      expect(upstream.wires).to.have.length(0);
    });
  }

  it('that a client adds to those of a trusted proxy are not handed on', async () => {
    const upstream = await on.answering(ok);
    const gateway = await on.gateway(upstream, { public: { trustedProxies: ['127.0.0.1'] } });
    await on.get(gateway, 'X-Forwarded-For: 203.0.113.7', 'Forwarded: for=203.0.113.7;host=inner.test;proto=https');
    expect((await upstream.wire(0)).received).to.not.include('inner.test');
    expect(await seen(upstream)).to.deep.equal({ ...truth('a'), 'x-forwarded-for': ['203.0.113.7, 127.0.0.1'] });
  });

  it('of an address that is not in the list are not believed, though its neighbour is trusted', async () => {
    const upstream = await on.answering(ok);
    const gateway = await on.gateway(upstream, { public: { trustedProxies: ['127.0.0.2'] } });
    const bytes = `GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 6.6.6.6\r\nConnection: close\r\n\r\n`;
    await exchange(gateway.port, bytes, '127.0.0.3');
    await exchange(gateway.port, bytes, '127.0.0.2');
    const heads = upstream.wires.flatMap((wire) => fieldsOf(`${wire.received.replaceAll('\r\n\r\n', '\r\n')}\r\n\r\n`, 'x-forwarded-for'));
    expect(heads).to.deep.equal(['127.0.0.3', '6.6.6.6, 127.0.0.2']);
  });
});
