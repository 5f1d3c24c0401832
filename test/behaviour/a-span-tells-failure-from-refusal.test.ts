import { expect } from 'chai';
import { open as connect } from '../support/client.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import type { SentSpan } from './support/otlp.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A span tells whose fault it was', () => {
  const servers = serversOfThisSuite();
  let server: Map<string, SentSpan>;
  let client: Map<string, SentSpan>;

  before(async () => {
    const collector = await servers.collector();
    const upstream = await servers.upstream((req, res) => {
      if (req.url === '/leaves') return;
      if (req.url === '/cut') res.write('half', () => res.destroy());
      else res.writeHead(Number(req.url?.slice(1)), { 'Content-Length': 0 }).end();
    });
    const given = open(upstream.url, { telemetry: { otlp: collector.url }, public: { rateLimit: '6/h' } });
    const down = { name: 'down', match: { path: '/down' }, service: 'down', expose: { public: { access: 'anonymous' } } };
    const gateway = await servers.public({
      ...given,
      services: { ...given.services, down: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [...(given.routes ?? []), down],
    });
    for (const path of ['/200', '/404', '/503', '/down', '/cut']) await ask(gateway.port, path);
    const leaving = await connect(gateway.port);
    leaving.write('GET /leaves HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(
      () => upstream.requests.length,
      (count) => count === 5,
    );
    leaving.destroy();
    await eventually(gateway.logged, (lines) => lines.some(({ path }) => path === '/leaves'));
    await ask(gateway.port, '/limited');
    await gateway.stop();
    const byPath = (kind: string) =>
      new Map(
        collector.spans
          .filter((span) => span.kind === kind)
          .map((span) => [new URL(String(span.attributes['url.path'] ?? span.attributes['url.full']), 'http://a').pathname, span]),
      );
    [server, client] = [byPath('server'), byPath('client')];
  });

  const told = (span: SentSpan | undefined) =>
    span && [span.error, span.attributes['http.response.status_code'], span.attributes['error.type']];

  it('the server span is an error only when the answer is one of ours or of the service', () => {
    expect(told(server.get('/200'))).to.deep.equal([false, 200, undefined]);
    expect(told(server.get('/404'))).to.deep.equal([false, 404, undefined]);
    expect(told(server.get('/limited'))).to.deep.equal([false, 429, 'rate-limited']);
    expect(told(server.get('/503'))).to.deep.equal([true, 503, '503']);
    expect(told(server.get('/down'))).to.deep.equal([true, 502, 'connection-refused']);
    expect(told(server.get('/cut'))).to.deep.equal([true, 200, 'response-incomplete']);
  });

  it('and says what it came to, as the log does, and that the gateway refused it where no service was asked', () => {
    const came = (path: string) => [server.get(path)?.attributes['gateway.outcome'], server.get(path)?.attributes['gateway.refused']];
    expect(came('/200')).to.deep.equal(['success', undefined]);
    expect(came('/404')).to.deep.equal(['success', undefined]);
    expect(came('/503')).to.deep.equal(['failure', undefined]);
    expect(came('/down')).to.deep.equal(['failure', undefined]);
    expect(came('/cut')).to.deep.equal(['failure', undefined]);
    expect(came('/limited')).to.deep.equal(['ignored', true]);
    expect(came('/leaves')).to.deep.equal(['ignored', undefined]);
  });

  it('the client span is an error for every answer that is no success', () => {
    expect(told(client.get('/200'))).to.deep.equal([false, 200, undefined]);
    expect(told(client.get('/404'))).to.deep.equal([true, 404, '404']);
    expect(told(client.get('/503'))).to.deep.equal([true, 503, '503']);
    expect(told(client.get('/down'))).to.deep.equal([true, undefined, 'connection-refused']);
  });

  it('a client that leaves is nobody’s error, and was sent no status', () => {
    expect(told(server.get('/leaves'))).to.deep.equal([false, undefined, undefined]);
    expect(told(client.get('/leaves'))).to.deep.equal([false, undefined, undefined]);
  });
});
