/** An upgrade is an ordinary request until the service has agreed (RFC 6455 section 4, RFC 9110 section 7.8). */
import { expect } from 'chai';
import { expectProblem, fieldsOf, linesOf, namesOf } from './support/answers.ts';
import { asksUpgrade, grantsUpgrade } from './support/handshake.ts';
import { stage } from './support/stage.ts';

const upgrade = { upgrade: ['websocket'] };

describe('a WebSocket handshake', () => {
  const on = stage();

  it('goes to the service with the fields of an upgrade and those of the gateway, and comes back', async () => {
    const upstream = await on.answering(grantsUpgrade('Sec-WebSocket-Protocol: chat', 'Set-Cookie: a=1', 'Set-Cookie: b=2'));
    const gateway = await on.gateway(upstream, {
      route: { ...upgrade, match: { pathPrefix: '/chat' }, rewrite: { stripPrefix: '/chat', prefixPath: '/ws' } },
    });
    const client = await on.client(gateway);
    const received = await client.send(asksUpgrade('Sec-WebSocket-Protocol: chat, superchat', 'Cookie: s=1')).head();
    expect(linesOf(received)[0]).to.equal('HTTP/1.1 101 Switching Protocols');
    expect(fieldsOf(received, 'sec-websocket-accept')).to.deep.equal(['s3pPLMBiTxaQ9kYGzzhZRbK+xOo=']);
    expect(fieldsOf(received, 'sec-websocket-protocol')).to.deep.equal(['chat']);
    expect(fieldsOf(received, 'set-cookie')).to.deep.equal(['a=1', 'b=2']);
    expect(fieldsOf(received, 'upgrade')).to.deep.equal(['websocket']);
    const arrived = (await upstream.wire(0)).received;
    expect(linesOf(arrived)[0]).to.match(/^GET \/ws\/? HTTP\/1\.1$/);
    expect(namesOf(arrived)).to.include.members([
      'sec-websocket-key',
      'sec-websocket-version',
      'cookie',
      'x-forwarded-for',
      'forwarded',
      'via',
      'x-request-id',
    ]);
    expect(fieldsOf(arrived, 'sec-websocket-protocol')).to.deep.equal(['chat, superchat']);
    expect(fieldsOf(arrived, 'host')).to.deep.equal(['a']);
    expect(fieldsOf(arrived, 'connection').join().toLowerCase()).to.equal('upgrade');
  });

  it("has the gateway's own fields in the 101", async () => {
    const gateway = await on.gateway(await on.answering(grantsUpgrade()), { route: upgrade, public: { rateLimit: '5/m' } });
    const received = await (await on.client(gateway)).send(asksUpgrade('X-Request-Id: abc')).head();
    expect(fieldsOf(received, 'x-request-id')).to.deep.equal(['abc']);
    expect(fieldsOf(received, 'via')).to.deep.equal(['1.1 public-gateway']);
    expect(fieldsOf(received, 'ratelimit')).to.have.length(1);
  });

  it('with fields named like the properties of every object is like any other', async () => {
    const gateway = await on.gateway(await on.answering(grantsUpgrade('__proto__: a', 'constructor: b')), { route: upgrade });
    const received = await (await on.client(gateway)).send(asksUpgrade('__proto__: a', 'constructor: b')).head();
    expect(received)
      .to.match(/^HTTP\/1\.1 101 /)
      .and.include('__proto__: a\r\n')
      .and.include('constructor: b\r\n');
  });

  const jwt = { issuer: 'https://id.example/', audience: 'a', secret: 's'.repeat(32), algorithms: ['HS256'] };
  const refusals: [number, string, Parameters<typeof on.gateway>[1]][] = [
    [404, 'no-route', { route: { ...upgrade, match: { path: '/other' } } }],
    [405, 'method-not-allowed', { route: { ...upgrade, match: { path: '/chat', methods: ['POST'] } } }],
    [401, 'unauthenticated', { route: { ...upgrade, expose: { public: {} } }, public: { jwt } }],
  ];
  for (const [status, code, more] of refusals) {
    it(`is refused before any tunnel, as an ordinary request is: ${status}`, async () => {
      const upstream = await on.answering(grantsUpgrade());
      const answer = await on.exchange(await on.gateway(upstream, more), asksUpgrade());
      expectProblem(answer, status, code);
      expect(answer.headers['connection']).to.deep.equal(['close']);
      expect(upstream.wires).to.have.length(0);
    });
  }

  it('is refused before any tunnel, as an ordinary request is: 403', async () => {
    const upstream = await on.answering(grantsUpgrade());
    const gateway = await on.privateGateway(upstream, { route: upgrade, private: { callers: { tests: { from: ['10.0.0.1'] } } } });
    expectProblem(await on.exchange(gateway, asksUpgrade()), 403, 'unknown-caller');
    expect(upstream.wires).to.have.length(0);
  });

  it('is refused before any tunnel, as an ordinary request is: 429', async () => {
    const upstream = await on.answering(grantsUpgrade());
    const gateway = await on.gateway(upstream, { route: upgrade, public: { rateLimit: '1/m' } });
    await (await on.client(gateway)).send(asksUpgrade()).head();
    const answer = await on.exchange(gateway, asksUpgrade());
    expectProblem(answer, 429, 'rate-limited');
    expect(answer.headers['retry-after']).to.have.length(1);
    expect(upstream.wires).to.have.length(1);
  });

  for (const status of ['403 Forbidden', '200 OK', '302 Found', '503 Service Unavailable']) {
    it(`that the service answers with ${status} is answered so, and the connection ends`, async () => {
      const upstream = await on.answering(
        `HTTP/1.1 ${status}\r\nX-Reason: because\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nsorry`,
      );
      const answer = await on.exchange(await on.gateway(upstream, { route: upgrade }), asksUpgrade());
      expect(`${answer.status} ${answer.statusText}`, answer.raw).to.equal(status);
      expect(answer.headers['x-reason']).to.deep.equal(['because']);
      expect(answer.headers).to.not.have.any.keys('upgrade');
      expect(answer.headers['connection']).to.deep.equal(['close']);
      expect(answer.headers['via']).to.deep.equal(['1.1 public-gateway']);
      expect(answer.body).to.equal('sorry');
    });
  }

  it('that the service answers with a long, chunked body is answered so', async () => {
    const upstream = await on.service((_req, res) => res.writeHead(403).end('x'.repeat(300_000)));
    const answer = await on.exchange(await on.gateway(upstream, { route: upgrade }), asksUpgrade());
    expect(answer.status).to.equal(403);
    expect(answer.body.replaceAll(/[^x]/g, '')).to.have.length(300_000);
  });

  for (const [what, answer] of Object.entries({
    'another protocol': grantsUpgrade().replace('Upgrade: websocket', 'Upgrade: h2c'),
    'two protocols': grantsUpgrade().replace('Upgrade: websocket', 'Upgrade: h2c, websocket'),
    'no protocol': grantsUpgrade().replace('Upgrade: websocket\r\n', ''),
    'no Connection: Upgrade': grantsUpgrade().replace('Connection: Upgrade\r\n', ''),
  })) {
    it(`is 502 when the service switches to ${what}`, async () => {
      const upstream = await on.answering(`${answer}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`);
      const refused = await on.exchange(await on.gateway(upstream, { route: upgrade }), asksUpgrade());
      expect(refused.status, refused.raw).to.equal(502);
      expect(refused.raw).to.not.include('poison');
      await (await upstream.wire(0)).closed;
    });
  }

  for (const then of ['reset', 'end'] as const) {
    it(`is 502 when the service breaks the connection in the middle (${then})`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        wire.socket.write('HTTP/1.1 101 Switching', () => wire[then]());
      });
      const answer = await on.exchange(await on.gateway(upstream, { route: upgrade }), asksUpgrade());
      expect(answer.status, answer.raw).to.equal(502);
    });
  }

  it('on a route that upgrades nothing is the ordinary request it also is', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const answer = await on.exchange(await on.gateway(upstream), asksUpgrade());
    expect(answer.status, answer.raw).to.equal(200);
    expect(answer.body).to.equal('ok');
    expect(namesOf((await upstream.wire(0)).received)).to.not.include('upgrade');
  });

  it('for another protocol is the ordinary request it also is, and the connection goes on', async () => {
    const upstream = await on.answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const client = await on.client(await on.gateway(upstream, { route: upgrade }));
    const h2c =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n';
    client.send(h2c);
    await client.has('ok');
    client.send(h2c);
    await client.has((received) => received.split('200 OK').length === 3);
    expect(namesOf((await upstream.wire(0)).received)).to.not.include.members(['upgrade', 'http2-settings']);
  });

  it('by POST is no handshake', async () => {
    const upstream = await on.service();
    const gateway = await on.gateway(upstream, { route: upgrade });
    const answer = await on.exchange(
      gateway,
      `${asksUpgrade('Content-Length: 2').replace('GET', 'POST').replace('keep-alive', 'close')}hi`,
    );
    expect(answer.status).to.equal(200);
    expect(upstream.requests[0]?.method).to.equal('POST');
    expect(upstream.requests[0]?.headers).to.not.have.property('upgrade');
  });
});
