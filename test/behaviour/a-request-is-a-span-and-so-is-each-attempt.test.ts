import { expect } from 'chai';
import { version } from '../../core/version.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import type { SentSpan } from './support/otlp.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A request is one server span, and each attempt a client span in it', () => {
  const servers = serversOfThisSuite();
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const heads: string[] = [];
  let server: SentSpan[];
  let client: SentSpan[];
  let upstreamPort: number;

  before(async () => {
    const collector = await servers.collector();
    // The second request comes on a connection that has just been idle too long.
    const upstream = await servers.rawUpstream((socket, head, count) => {
      heads.push(head);
      if (count === 2) socket.resetAndDestroy();
      else socket.write(answer);
    });
    upstreamPort = upstream.port;
    const given = open(upstream.url, { telemetry: { otlp: collector.url } });
    const id = { name: 'order', match: { path: '/orders/{id}' }, service: 'upstream', expose: { public: { access: 'anonymous' } } };
    const gateway = await servers.public({ ...given, routes: [...(given.routes ?? []), id] });
    await ask(gateway.port, '/orders/7?token=secret', { headers: { 'user-agent': 'a test' } });
    await ask(gateway.port, '/orders/8', { headers: { 'x-request-id': 'tried-twice' } });
    await gateway.stop();
    server = collector.spans.filter(({ kind }) => kind === 'server');
    client = collector.spans.filter(({ kind }) => kind === 'client');
    expect(collector.spans.length).to.equal(server.length + client.length);
  });

  const inside = (parent: SentSpan | undefined) => client.filter(({ parentId }) => parentId === parent?.spanId);

  it('the server span has the name of the route, never the path', () => {
    expect(server.map(({ name }) => name)).to.deep.equal(['GET /orders/{id}', 'GET /orders/{id}']);
  });

  it('and says what was asked, and what came of it', () => {
    expect(server[0]?.attributes).to.deep.include({
      'http.request.method': 'GET',
      'http.route': '/orders/{id}',
      'http.response.status_code': 200,
      'url.path': '/orders/7',
      'url.scheme': 'http',
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
      'network.protocol.version': '1.1',
      'server.address': 'shop.example',
      'user_agent.original': 'a test',
      'gateway.route.id': 'order',
      'gateway.service.name': 'upstream',
    });
    expect(server[1]?.attributes['gateway.request.id']).to.equal('tried-twice');
    expect(JSON.stringify([server, client])).to.not.include('secret');
  });

  it('it has one child for one attempt', () => {
    const [attempt, ...others] = inside(server[0]);
    expect(others).to.deep.equal([]);
    expect(attempt).to.include({ traceId: server[0]?.traceId, name: 'GET', error: false });
    expect(attempt?.attributes).to.deep.equal({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'server.port': upstreamPort,
      'url.full': `http://127.0.0.1:${upstreamPort}/orders/7`,
      'gateway.service.name': 'upstream',
    });
  });

  it('and two for two, the second counted as resent, the first with its error', () => {
    const [first, second, ...others] = inside(server[1]);
    expect(others).to.deep.equal([]);
    expect([first?.error, first?.attributes['error.type'], first?.attributes['http.request.resend_count']]).to.deep.equal([
      true,
      'connection-terminated',
      undefined,
    ]);
    expect([second?.error, second?.attributes['http.request.resend_count']]).to.deep.equal([false, 1]);
    expect(server[1]?.error).to.equal(false);
  });

  it('the service is told of the attempt it belongs to', () => {
    const told = heads.map((head) => /^traceparent: (.*)$/im.exec(head)?.[1]);
    expect(told).to.deep.equal([...inside(server[0]), ...inside(server[1])].map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`));
  });

  it('both under the name of the gateway', () => {
    for (const { service } of [...server, ...client])
      expect(service)
        .to.include({ 'service.name': 'public-gateway', 'service.version': version })
        .and.to.have.property('service.instance.id');
  });
});
