/** One request has one host, and everybody agrees which (RFC 9110 section 7.2, RFC 9112 section 3.2). */
import { expect } from 'chai';
import { expectProblem, fieldsOf, linesOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

const ok = 'HTTP/1.1 204 No Content\r\n\r\n';

const refused: Record<string, string> = {
  'two Host lines': 'GET / HTTP/1.1\r\nHost: a\r\nHost: b',
  'two equal Host lines': 'GET / HTTP/1.1\r\nHost: a\r\nHost: a',
  'two Host lines, the second in another case': 'GET / HTTP/1.1\r\nHost: a\r\nhOST: b',
  'no Host line': 'GET / HTTP/1.1\r\nAccept: */*',
  'an empty Host': 'GET / HTTP/1.1\r\nHost:',
  'userinfo in Host': 'GET / HTTP/1.1\r\nHost: a@b',
  'a path in Host': 'GET / HTTP/1.1\r\nHost: a/b',
  'a query in Host': 'GET / HTTP/1.1\r\nHost: a?b',
  'a fragment in Host': 'GET / HTTP/1.1\r\nHost: a#b',
  'a backslash in Host': 'GET / HTTP/1.1\r\nHost: a\\b',
  'a list in Host': 'GET / HTTP/1.1\r\nHost: a, b',
  'a space in Host': 'GET / HTTP/1.1\r\nHost: a b',
  'a quote in Host': 'GET / HTTP/1.1\r\nHost: a"b',
  'a port that is none in Host': 'GET / HTTP/1.1\r\nHost: a:b',
  'a port beyond all ports in Host': 'GET / HTTP/1.1\r\nHost: a:99999',
  'an open bracket in Host': 'GET / HTTP/1.1\r\nHost: [::1',
  'bytes beyond ASCII in Host': 'GET / HTTP/1.1\r\nHost: \xe4',
  'userinfo in an absolute target': 'GET http://a@b/ HTTP/1.1\r\nHost: b',
  'an absolute target without a host': 'GET http:///path HTTP/1.1\r\nHost: b',
  'an absolute target of another scheme': 'GET file:///etc/passwd HTTP/1.1\r\nHost: b',
  'a Host that is none beside a good absolute target': 'GET http://a/ HTTP/1.1\r\nHost: b\r\nHost: c',
};

describe('Host', () => {
  const on = stage();

  for (const [what, head] of Object.entries(refused)) {
    it(`is refused with 400: ${what}`, async () => {
      const upstream = await on.answering(ok);
      const gateway = await on.gateway(upstream);
      const answer = await on.exchange(gateway, `${head}\r\nConnection: close\r\n\r\n`);
      expect(answer.status, answer.raw).to.equal(400);
      expect(JSON.parse(answer.body).code).to.be.oneOf(['invalid-host', 'bad-request']);
      expect(upstream.wires).to.have.length(0);
    });
  }

  for (const host of ['a', 'A.Example:8080', '127.0.0.1', '[::1]:80', 'a-b.c_d', 'xn--bcher-kva.example', 'a.']) {
    it(`goes on as it is: ${host}`, async () => {
      const upstream = await on.answering(ok);
      const answer = await on.exchange(await on.gateway(upstream), `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(answer.status, answer.raw).to.equal(204);
      expect(fieldsOf((await upstream.wire(0)).received, 'host')).to.deep.equal([host]);
    });
  }

  it('is what an absolute target says, whatever the field says', async () => {
    const upstream = await on.answering(ok);
    const gateway = await on.gateway(upstream, { route: { match: { pathPrefix: '/', hosts: ['right.example'] } } });
    const answer = await on.exchange(
      gateway,
      'GET http://Right.Example:81/x?y HTTP/1.1\r\nHost: wrong.example\r\nConnection: close\r\n\r\n',
    );
    expect(answer.status, answer.raw).to.equal(204);
    const { received } = await upstream.wire(0);
    expect(linesOf(received)[0]).to.equal('GET /x?y HTTP/1.1');
    expect(fieldsOf(received, 'host')).to.deep.equal(['right.example:81']);
    expect(fieldsOf(received, 'x-forwarded-host')).to.deep.equal(['right.example:81']);
    const other = await on.exchange(gateway, 'GET http://wrong.example/ HTTP/1.1\r\nHost: right.example\r\nConnection: close\r\n\r\n');
    expectProblem(other, 404, 'no-route');
  });

  it('is the endpoint where the service wants its own', async () => {
    const upstream = await on.answering(ok);
    await on.get(await on.gateway(upstream, { service: { host: 'endpoint' } }));
    const { received } = await upstream.wire(0);
    expect(fieldsOf(received, 'host')).to.deep.equal([`127.0.0.1:${upstream.port}`]);
    expect(fieldsOf(received, 'x-forwarded-host')).to.deep.equal(['a']);
  });

  it('is the endpoint for an HTTP/1.0 client that knows no Host', async () => {
    const upstream = await on.answering(ok);
    const answer = await on.exchange(await on.gateway(upstream), 'GET / HTTP/1.0\r\n\r\n');
    expect(answer.status, answer.raw).to.equal(204);
    expect(fieldsOf((await upstream.wire(0)).received, 'host')).to.deep.equal([`127.0.0.1:${upstream.port}`]);
  });
});
