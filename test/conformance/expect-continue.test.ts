/** Expect: 100-continue (RFC 9110 section 10.1.1): a client that asks first is told before it sends, and only if it may. */
import { expect } from 'chai';
import { fieldsOf } from './support/answers.ts';
import { stage } from './support/stage.ts';

const asking = (...lines: string[]) => ['POST / HTTP/1.1', 'Host: a', 'Expect: 100-continue', ...lines, '', ''].join('\r\n');

describe('Expect: 100-continue', () => {
  const on = stage();

  it('is answered by 100, then the body goes on, without the Expect', async () => {
    const upstream = await on.service();
    const client = await on.client(await on.gateway(upstream));
    client.send(asking('Content-Length: 5'));
    expect(await client.head()).to.equal('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    expect(await client.has('"body":"hello"')).to.match(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    expect(upstream.requests[0]?.headers).to.not.have.property('expect');
  });

  const refusals: [string, number, Parameters<typeof on.gateway>[1], string[]][] = [
    ['too large', 413, { public: { limits: { body: '1KiB' } } }, ['Content-Length: 5000']],
    ['without a route', 404, { route: { match: { path: '/other' } } }, ['Content-Length: 5']],
    ['with the wrong method', 405, { route: { match: { path: '/', methods: ['GET'] } } }, ['Content-Length: 5']],
    ['without a Host that is one', 400, {}, ['Host: b', 'Content-Length: 5']],
    [
      'without a token',
      401,
      {
        route: { expose: { public: {} } },
        public: { jwt: { issuer: 'https://id.example/', audience: 'a', secret: 's'.repeat(32), algorithms: ['HS256'] } },
      },
      ['Content-Length: 5'],
    ],
  ];
  for (const [what, status, more, lines] of refusals) {
    it(`is answered by the refusal, without a 100, ${what}: ${status}`, async () => {
      const upstream = await on.service();
      const client = await on.client(await on.gateway(upstream, more));
      const received = await client.send(asking(...lines)).closed;
      expect(received).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(fieldsOf(received, 'connection')).to.deep.equal(['close']); // or the body might be read as the next request
      expect(upstream.requests).to.have.length(0);
    });
  }

  it('is answered by the failure, without a 100, when the service cannot be reached', async () => {
    const upstream = await on.service();
    const gateway = await on.gateway(upstream);
    await upstream.close();
    const client = await on.client(gateway);
    expect(await client.send(asking('Content-Length: 5')).closed).to.match(/^HTTP\/1\.1 502 /);
  });

  it('is not needed: a client that does not wait loses nothing', async () => {
    const client = await on.client(await on.gateway(await on.service()));
    client.send(`${asking('Content-Length: 5')}hello`);
    expect(await client.has('"body":"hello"')).to.match(/HTTP\/1\.1 200 OK/);
  });

  it('without a body is answered by the final answer alone', async () => {
    const client = await on.client(await on.gateway(await on.service()));
    expect(await client.send(asking('Content-Length: 0')).has(/\}$/)).to.match(/^HTTP\/1\.1 200 OK/);
  });

  it('any other expectation is refused with 417', async () => {
    const upstream = await on.service();
    const gateway = await on.gateway(upstream);
    const answer = await on.exchange(
      gateway,
      'POST / HTTP/1.1\r\nHost: a\r\nExpect: the-unexpected\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    );
    expect(answer.status).to.equal(417);
    expect(upstream.requests).to.have.length(0);
  });
});
