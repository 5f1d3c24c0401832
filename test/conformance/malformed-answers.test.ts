/** What a service may not say (RFC 9112 section 4, RFC 9110 section 15): it becomes a 502, and the process lives. */
import { expect } from 'chai';
import { expectProblem } from './support/answers.ts';
import { stage } from './support/stage.ts';

const rest = 'Content-Length: 2\r\n\r\nok';

const malformed: Record<string, string> = {
  'status 000': `HTTP/1.1 000 Zero\r\n${rest}`,
  'status 099': `HTTP/1.1 099 Low\r\n${rest}`,
  'status 600': `HTTP/1.1 600 High\r\n${rest}`,
  'status 999': `HTTP/1.1 999 Highest\r\n${rest}`,
  'a status of two digits': `HTTP/1.1 20 OK\r\n${rest}`,
  'a status of four digits': `HTTP/1.1 2000 OK\r\n${rest}`,
  'a control byte in the reason phrase': `HTTP/1.1 200 O\x01K\r\n${rest}`,
  'a NUL in the reason phrase': `HTTP/1.1 200 O\0K\r\n${rest}`,
  'a NUL in a field value': `HTTP/1.1 200 OK\r\nX-Field: a\0b\r\n${rest}`,
  'a bare CR in a field value': `HTTP/1.1 200 OK\r\nX-Field: a\rb\r\n${rest}`,
  'a space before the colon': `HTTP/1.1 200 OK\r\nX-Field : a\r\n${rest}`,
  'a space in a field name': `HTTP/1.1 200 OK\r\nX Field: a\r\n${rest}`,
  'a field without a name': `HTTP/1.1 200 OK\r\n: a\r\n${rest}`,
  'two different Content-Lengths': `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n${rest}`,
  'a Content-Length and a Transfer-Encoding': `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n${rest}`,
  'a negative Content-Length': 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok',
  'a Content-Length list': 'HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok',
  'HTTP/0.9': 'hello',
  'HTTP/2 spoken unasked': '\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80',
  'HTTP/3.0': `HTTP/3.0 200 OK\r\n${rest}`,
  'another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
  'a head that never ends': `HTTP/1.1 200 OK\r\nX-Field: ${'a'.repeat(70_000)}`,
  'nothing at all': '',
};

describe('a malformed answer', () => {
  const on = stage();

  for (const [what, bytes] of Object.entries(malformed)) {
    it(`with ${what} is a 502, and the next request is served`, async () => {
      const upstream = await on.scripted(async (wire, nth) => {
        await wire.head();
        if (nth === 0) wire.end(bytes);
        else wire.send('HTTP/1.1 204 No Content\r\n\r\n');
      });
      const gateway = await on.gateway(upstream);
      const answer = await on.get(gateway);
      expect(answer.status, answer.raw).to.equal(502);
      expect(answer.headers['content-type']).to.deep.equal(['application/problem+json']);
      expect(answer.headers['proxy-status']?.[0]).to.match(
        /^public-gateway; error=(http_protocol_error|connection_terminated|http_response_)/,
      );
      expect((await on.get(gateway)).status).to.equal(204);
    });

    it(`with ${what} to an upgrade is a 502 as well`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        wire.end(bytes);
      });
      const gateway = await on.gateway(upstream, { route: { upgrade: ['websocket'] } });
      const answer = await on.exchange(
        gateway,
        'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
      expect(answer.status, answer.raw).to.equal(502);
    });
  }

  it('keeps a reason phrase of visible characters, and drops one that only some readers can read', async () => {
    const upstream = await on.scripted(async (wire, nth) => {
      await wire.head();
      wire.send(`HTTP/1.1 200 ${nth === 0 ? 'Very well' : 'Tr\xe8s bien'}\r\nConnection: close\r\n${rest}`);
    });
    const gateway = await on.gateway(upstream);
    expect((await on.get(gateway)).statusText).to.equal('Very well');
    const second = await on.get(gateway);
    expect(second.status).to.equal(200);
    expect(second.statusText).to.be.oneOf(['OK', '']);
  });

  it('tells the private side what went wrong, and the public side nothing of it', async () => {
    const upstream = await on.answering('HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n', 'end');
    const answer = await on.get(await on.privateGateway(upstream));
    expectProblem(answer, 502, 'upstream-protocol-error');
    expect(answer.headers['proxy-status']).to.deep.equal(['private-gateway; error=http_protocol_error; next-hop="upstream"']);
    const outside = await on.get(await on.gateway(upstream));
    expect(outside.raw).to.not.match(/service upstream|"upstream"|Zero/);
  });
});
