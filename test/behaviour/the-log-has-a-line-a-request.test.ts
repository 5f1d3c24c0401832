import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('The access log has one line a request', () => {
  const servers = serversOfThisSuite();
  const lines = (gateway: TestGateway) => gateway.logged().filter(({ event }) => event === 'request');
  const byPath = (gateway: TestGateway, path: string) => lines(gateway).find((line) => line['path'] === path) ?? {};
  let url: string;
  let outside: TestGateway;
  let inside: TestGateway;
  let traceId: string;

  before(async () => {
    const collector = await servers.collector();
    url = (await servers.upstream()).url;
    const telemetry = { otlp: collector.url };
    const given = open(url, { public: { jwt }, telemetry });
    const mine = { name: 'mine', match: { pathPrefix: '/mine' }, service: 'upstream', expose: { public: {} } };
    outside = await servers.public({ ...given, routes: [...(given.routes ?? []), mine] });
    inside = await servers.private(given);
    const headers = { 'x-request-id': 'the-id', ...(await as('ada')) };
    await ask(outside.port, '/mine/1', { method: 'POST', body: 'hello', headers });
    await ask(outside.port, '/anybody');
    await ask(outside.port, '/mine/2');
    await ask(inside.port, '/called', { from: '127.0.0.4' });
    await outside.stop();
    await inside.stop();
    traceId = collector.spans.find(({ attributes }) => attributes['url.path'] === '/mine/1')?.traceId ?? '';
  });

  it('with what was asked, by whom, what it came to, where, and how long it took', () => {
    const { durationMs, upstreamMs, spanId, time, ...line } = byPath(outside, '/mine/1');
    expect(line).to.deep.equal({
      level: 'info',
      gateway: 'public-gateway',
      event: 'request',
      requestId: 'the-id',
      traceId,
      method: 'POST',
      path: '/mine/1',
      status: 200,
      outcome: 'success',
      route: 'mine',
      user: 'ada',
      client: '127.0.0.1',
      service: 'upstream',
      endpoint: new URL(url).host,
      attempts: 1,
      bytesIn: 5,
    });
    expect(spanId).to.match(/^[0-9a-f]{16}$/);
    expect(Number(durationMs)).to.be.at.least(Number(upstreamMs)).and.above(0);
    expect(Date.parse(String(time))).to.be.closeTo(Date.now(), 60_000);
  });

  it('the anonymous have no name', () => {
    expect(byPath(outside, '/anybody')).to.not.have.any.keys('user', 'caller');
  });

  it('a refusal says which, and what never reached a service has none', () => {
    expect(byPath(outside, '/mine/2')).to.include({ status: 401, outcome: 'ignored', problem: 'unauthenticated', route: 'mine' });
    expect(byPath(outside, '/mine/2')).to.not.have.any.keys('service', 'endpoint', 'attempts', 'cause');
  });

  it('inside it names the calling service', () => {
    expect(byPath(inside, '/called')).to.include({ caller: 'tests', client: '127.0.0.4', gateway: 'private-gateway' });
  });

  it('and there are as many lines as requests', () => {
    expect([lines(outside).length, lines(inside).length]).to.deep.equal([3, 1]);
  });

  it('unless it is turned off; what the gateway has to say of itself is still said', async () => {
    const silent = await servers.public(open(url, { telemetry: { accessLog: false } }));
    await ask(silent.port, '/quiet');
    await silent.drain();
    expect(silent.logged().map(({ event }) => event)).to.deep.equal(['listening', 'draining', 'drained']);
  });
});
