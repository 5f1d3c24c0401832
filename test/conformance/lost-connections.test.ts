/** A connection that breaks: refused, cut, or closed for idleness while the request was on its way (RFC 9112 section 9.3.1). */

import { createServer } from 'node:net';
import { expect } from 'chai';
import { expectProblem, fieldsOf, linesOf } from './support/answers.ts';
import { type Scripted, stage } from './support/stage.ts';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('a lost connection', () => {
  const on = stage();

  /** Answers once on the first connection and breaks it at the second request; later connections answer always. */
  const breaking = (how: 'reset' | 'end', after = ''): Promise<Scripted> =>
    on.scripted(async (wire, nth) => {
      await wire.head();
      wire.send(ok);
      await wire.head(2);
      if (nth > 0) wire.send(ok);
      else if (after !== '') wire.socket.write(after, () => wire[how]());
      else wire[how]();
    });

  it('that was refused is 502', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    const answer = await on.get(await on.gateway({ url: `http://127.0.0.1:${port}` }));
    expectProblem(answer, 502, 'connection-refused');
    expect(answer.headers['proxy-status']).to.deep.equal(['public-gateway; error=connection_refused']);
    const upgrading = await on.gateway({ url: `http://127.0.0.1:${port}` }, { route: { upgrade: ['websocket'] } });
    const lines =
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
    expectProblem(await on.exchange(upgrading, lines), 502, 'connection-refused');
  });

  it('of a name that does not resolve is 502 or 504', async () => {
    const answer = await on.get(await on.gateway({ url: 'http://no-such-name.invalid:80' }));
    expect(JSON.parse(answer.body).code).to.be.oneOf(['dns-error', 'dns-timeout']);
    expect(answer.status).to.be.oneOf([502, 504]);
  });

  for (const how of ['reset', 'end'] as const) {
    it(`that was new is 502, and nothing is sent twice (${how})`, async () => {
      const upstream = await on.scripted(async (wire) => {
        await wire.head();
        wire[how]();
      });
      expectProblem(await on.get(await on.gateway(upstream)), 502, 'connection-terminated');
      expect(upstream.wires).to.have.length(1);
    });

    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      it(`that had answered before is opened again, once, for ${method} (${how})`, async () => {
        const upstream = await breaking(how);
        const gateway = await on.gateway(upstream);
        expect((await on.get(gateway)).status).to.equal(200);
        const answer = await on.exchange(gateway, `${method} /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
        expect(answer.status, answer.raw).to.equal(200);
        expect(upstream.wires).to.have.length(2);
        expect(linesOf((await upstream.wire(1)).received)[0]).to.equal(`${method} /again HTTP/1.1`);
      });
    }

    for (const method of ['POST', 'PATCH']) {
      it(`that had answered before is not opened again for ${method} (${how})`, async () => {
        const upstream = await breaking(how);
        const gateway = await on.gateway(upstream);
        await on.get(gateway);
        const bytes = `${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi`;
        expectProblem(await on.exchange(gateway, bytes), 502, 'connection-terminated');
        expect(upstream.wires).to.have.length(1);
      });
    }

    it(`that had answered before is opened again for a body that is kept, and not for one too long to keep (${how})`, async () => {
      const put = (length: number) =>
        `PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n${'x'.repeat(length)}`;
      const upstream = await breaking(how);
      const gateway = await on.gateway(upstream);
      await on.get(gateway);
      expect((await on.exchange(gateway, put(2))).status).to.equal(200);
      expect(upstream.wires).to.have.length(2);
      const another = await on.scripted(async (wire) => {
        await wire.head();
        wire.send(ok);
        await wire.has((received) => received.length > 66_000);
        wire[how]();
      });
      const behind = await on.gateway(another);
      await on.get(behind);
      expectProblem(await on.exchange(behind, put(66_000)), 502, 'connection-terminated');
      expect(another.wires).to.have.length(1);
    });

    it(`is not opened again once an answer was begun (${how})`, async () => {
      const upstream = await breaking(how, 'HTTP/1.1 200 OK\r\n');
      const gateway = await on.gateway(upstream);
      await on.get(gateway);
      expect((await on.get(gateway)).status).to.equal(502);
    });
  }

  it('that is opened again costs none of the tries that the next gateway is told of', async () => {
    const upstream = await breaking('reset');
    const gateway = await on.gateway(upstream, { service: { retry: { attempts: 1 } } });
    await on.get(gateway);
    expect((await on.get(gateway)).status).to.equal(200);
    const [, broken = ''] = (await upstream.wire(0)).received.split('\r\n\r\n');
    for (const head of [`${broken}\r\n\r\n`, (await upstream.wire(1)).received])
      expect(fieldsOf(head, 'x-gateway-attempts')).to.deep.equal(['1/2']);
  });

  it('is opened again once, not for ever', async () => {
    const upstream = await on.scripted(async (wire, nth) => {
      await wire.head();
      if (nth === 0) wire.send(ok);
      await wire.head(nth === 0 ? 2 : 1);
      wire.reset();
    });
    const gateway = await on.gateway(upstream);
    await on.get(gateway);
    expectProblem(await on.get(gateway), 502, 'connection-terminated');
    expect(upstream.wires).to.have.length(2);
  });

  it('that the service closed while nobody used it is noticed beforehand', async () => {
    const upstream = await on.answering(ok, 'end');
    const gateway = await on.gateway(upstream);
    for (let count = 1; count <= 5; count += 1) {
      expect((await on.get(gateway)).status).to.equal(200);
      await (await upstream.wire(count - 1)).closed;
    }
    const post = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi';
    expect((await on.exchange(gateway, post)).status).to.equal(200);
  });

  it('with an answer nobody asked for is not used again (response queue poisoning)', async () => {
    const upstream = await on.scripted(async (wire, nth) => {
      await wire.head();
      wire.send(nth === 0 ? `${ok}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison` : ok);
      await wire.head(2);
      wire.send(ok);
    });
    const gateway = await on.gateway(upstream);
    for (let count = 0; count < 3; count += 1) expect((await on.get(gateway)).body).to.equal('ok');
  });
});
