import { once } from 'node:events';
import { expect } from 'chai';
import { open as connect, parse, untilClosed } from '../support/client.ts';
import { testClock } from '../support/clock.ts';
import { type Given, open } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('how long is left', () => {
  const servers = serversOfThisSuite();
  const left = (field: unknown) => Number(field);

  it('is told to the service, and less of it by the gateway further in', async () => {
    const upstream = await servers.upstream();
    const inner = await servers.private(open(upstream.url));
    const outer = await servers.public(open(inner.url, { service: { timeouts: { request: '3s', attempt: '3s' } } }));
    await ask(outer.port);
    expect(left(upstream.requests[0]?.headers['x-gateway-time-left'])).to.be.within(2_000, 3_000);
  });

  it('is the limit inside too: nobody works on what nobody waits for', async () => {
    const silent = await servers.upstream(() => {});
    const inner = await servers.private(open(silent.url));
    const answer = await ask(inner.port, '/', { headers: { 'x-gateway-time-left': '50' } });
    expect([answer.status, answer.json()['code']]).to.deep.equal([504, 'caller-gone']);
  });

  it('when it is nothing, the service is not called', async () => {
    const upstream = await servers.upstream();
    const inner = await servers.private(open(upstream.url));
    const answer = await ask(inner.port, '/', { headers: { 'x-gateway-time-left': '0' } });
    expect([answer.status, answer.json()['code'], upstream.requests.length]).to.deep.equal([504, 'caller-gone', 0]);
    // What is no number was not said by a gateway.
    expect((await ask(inner.port, '/', { headers: { 'x-gateway-time-left': 'soon' } })).status).to.equal(200);
  });

  it('is not what a client at the edge says it is, unless it is a trusted proxy', async () => {
    const upstream = await servers.upstream();
    const headers = { 'x-gateway-time-left': '0' };
    expect((await ask((await servers.public(open(upstream.url))).port, '/', { headers })).status).to.equal(200);
    const trusting = await servers.public(open(upstream.url, { public: { trustedProxies: ['127.0.0.1'] } }));
    expect((await ask(trusting.port, '/', { headers })).status).to.equal(504);
  });

  it('counts from the whole request on both gateways, however long the upload takes', async () => {
    const clock = testClock();
    let received = '';
    const upstream = await servers.upstream(async (req, res) => {
      if (req.url === '/meanwhile') {
        res.end();
        return;
      }
      req.on('data', (chunk) => {
        received += chunk;
      });
      await once(req, 'end');
      // A time that is over would end it before these are answered.
      for (let count = 0; count < 5; count += 1) await ask(inner.port, '/meanwhile');
      res.end(received);
    });
    const inner = await servers.private(open(upstream.url), { clock });
    const outer = await servers.public(open(inner.url), { clock });
    const client = await connect(outer.port);
    const answer = untilClosed(client);
    client.write('PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n');
    for (const [at, letter] of [...'whole'].entries()) {
      // The fifteen seconds that the head told of are over long before the end.
      if (at > 0) clock.advance(10_000);
      client.write(letter);
      await eventually(
        () => received.length,
        (length) => length === at + 1,
      );
    }
    const { status, body } = parse(await answer);
    expect([status, body]).to.deep.equal([200, 'whole']);
  });

  const withOther = (first: Upstream, other: Upstream): Given => {
    const given = open(first.url, { route: { fallback: { service: 'other' } } });
    return { ...given, services: { ...given.services, other: { endpoints: [other.url] } } };
  };

  it('is told to a fallback as well, which gets no new time and none when it is over', async () => {
    for (const [took, told] of [
      [400, ['600']],
      [1_000, []],
    ] as const) {
      const clock = testClock();
      const failing = await servers.upstream((_, res) => {
        clock.advance(took);
        res.writeHead(503).end();
      });
      const other = await servers.upstream();
      const gateway = await servers.private(withOther(failing, other), { clock });
      const answer = await ask(gateway.port, '/', { method: 'POST', headers: { 'x-gateway-time-left': '1000' } });
      expect(other.requests.map(({ headers }) => headers['x-gateway-time-left'])).to.deep.equal(told);
      if (told.length > 0) expect(answer.status).to.equal(200);
      else expect([answer.status, answer.json()['code']]).to.deep.equal([504, 'caller-gone']);
    }
  });

  it('has not begun for a fallback either while the request is still on its way', async () => {
    const clock = testClock();
    const refusing = await servers.upstream((req, res) => {
      req.once('data', () => {
        clock.advance(60_000);
        res.writeHead(503, { Connection: 'close' }).end();
      });
    });
    const other = await servers.upstream();
    const gateway = await servers.private(withOther(refusing, other), { clock });
    const client = await connect(gateway.port);
    const answer = untilClosed(client);
    client.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Gateway-Time-Left: 1000\r\nContent-Length: 5\r\n\r\nwh');
    await eventually(
      () => other.requests.length,
      (count) => count === 1,
    );
    client.write('ole');
    const { status, body } = parse(await answer);
    expect([status, JSON.parse(body).body, other.requests[0]?.headers['x-gateway-time-left']]).to.deep.equal([200, 'whole', '1000']);
  });

  it('says nothing of the service when it was short: twenty callers without patience open no breaker and eject no endpoint', async () => {
    const start = () =>
      servers.upstream((req, res) => {
        if (req.url === '/patient') res.end();
      });
    const endpoints = (await Promise.all([start(), start()])).map(({ url }) => url);
    const service = { endpoints, balancer: 'roundRobin', outlier: { consecutiveErrors: 2, maxEjected: '100%' } };
    const gateway = await servers.private(open('', { service }));
    const impatient = () => ask(gateway.port, '/', { headers: { 'x-gateway-time-left': '50' } });
    const answers = await Promise.all(Array.from({ length: 20 }, impatient));
    expect(answers.map((answer) => answer.json()['code'])).to.deep.equal(Array(20).fill('caller-gone'));
    const metrics = await scrape(gateway.admin);
    const values = (name: string) => metrics.named(name).map(({ value }) => value);
    expect(values('gateway_circuit_breaker_state')).to.deep.equal([0]);
    expect(values('gateway_endpoint_health')).to.deep.equal([1, 1]);
    expect((await ask(gateway.port, '/patient')).status).to.equal(200);
  });

  it('ends with the client: who leaves cancels the work behind both gateways', async () => {
    const closed = Promise.withResolvers<void>();
    const silent = await servers.upstream((req) => void req.socket.once('close', () => closed.resolve()));
    const inner = await servers.private(open(silent.url));
    const outer = await servers.public(open(inner.url));
    const leaving = new AbortController();
    const left = fetch(outer.url, { signal: leaving.signal }).catch((error: Error) => error.name);
    while (silent.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect(await left).to.equal('AbortError');
    await closed.promise;
  });
});
