import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { type Answer, ask } from './support/ask.ts';
import type { Collector } from './support/collector.ts';
import { type Scraped, scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Metrics have the names, units and buckets that dashboards know', () => {
  const servers = serversOfThisSuite();
  const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  let collector: Collector;
  let scraped: Scraped;
  let upstreamPort: number;
  const codings: Answer[] = [];

  before(async () => {
    collector = await servers.collector();
    const upstream = await servers.upstream();
    upstreamPort = upstream.port;
    const gateway = await servers.public(open(upstream.url, { telemetry: { otlp: collector.url }, public: { rateLimit: '2/h' } }));
    for (const _ of [1, 2, 3]) await ask(gateway.port, '/orders/1');
    scraped = await scrape(gateway.admin);
    const { port } = new URL(gateway.admin);
    for (const coding of ['gzip', 'br', undefined])
      codings.push(await ask(Number(port), '/metrics', coding === undefined ? {} : { headers: { 'accept-encoding': coding } }));
    await gateway.stop();
  });

  const sent = (name: string) => {
    const metric = collector.metrics.find((one) => one.name === name);
    if (!metric) throw new Error(`${name} was not sent`);
    return metric;
  };
  const pointsOf = (name: string) => sent(name).points.map(({ attributes, value }) => ({ ...attributes, value }));

  it('the duration of requests, by OTLP', () => {
    expect(sent('http.server.request.duration')).to.include({ unit: 's', kind: 'histogram' });
    expect(sent('http.server.request.duration').points[0]?.bounds).to.deep.equal(seconds);
    const common = { 'http.request.method': 'GET', 'url.scheme': 'http', 'http.route': '/*', 'gateway.route.id': 'open' };
    expect(pointsOf('http.server.request.duration')).to.have.deep.members([
      { ...common, 'http.response.status_code': 200, value: 2 },
      { ...common, 'http.response.status_code': 429, 'error.type': 'rate-limited', value: 1 },
    ]);
  });

  it('the duration of attempts', () => {
    expect(sent('http.client.request.duration')).to.include({ unit: 's', kind: 'histogram' });
    expect(sent('http.client.request.duration').points[0]?.bounds).to.deep.equal(seconds);
    expect(pointsOf('http.client.request.duration')).to.deep.equal([
      {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': upstreamPort,
        'gateway.service.name': 'upstream',
        value: 2,
      },
    ]);
  });

  it('what is under way, and what the limits said', () => {
    expect(sent('http.server.active_requests')).to.include({ unit: '{request}', kind: 'upDownCounter' });
    expect(pointsOf('http.server.active_requests').map(({ value }) => value)).to.deep.equal([0]);
    expect(sent('gateway.rate_limit.requests')).to.include({ unit: '{request}', kind: 'counter' });
    expect(pointsOf('gateway.rate_limit.requests')).to.have.deep.members([
      { policy: 'default', result: 'allowed', value: 2 },
      { policy: 'default', result: 'limited', value: 1 },
    ]);
    expect(sent('gateway.websocket.active')).to.include({ unit: '{connection}', kind: 'upDownCounter' });
  });

  it('under the name of the gateway', () => {
    for (const { service } of collector.metrics) expect(service).to.include({ 'service.name': 'public-gateway' });
  });

  it('and for Prometheus with their units in their names', () => {
    expect(scraped.contentType).to.equal('text/plain; version=0.0.4; charset=utf-8');
    expect(scraped.types).to.include({
      http_server_request_duration_seconds: 'histogram',
      http_client_request_duration_seconds: 'histogram',
      http_server_active_requests: 'gauge',
      gateway_rate_limit_requests_total: 'counter',
    });
    const buckets = scraped
      .named('http_server_request_duration_seconds_bucket')
      .filter(({ labels }) => labels['http_response_status_code'] === '200');
    expect(buckets.map(({ labels }) => labels['le'])).to.deep.equal([...seconds.map(String), '+Inf']);
    expect(buckets.at(-1)).to.deep.include({ value: 2 });
    expect(buckets[0]?.labels).to.include({ http_request_method: 'GET', http_route: '/*', gateway_route_id: 'open', url_scheme: 'http' });
    expect(scraped.named('http_server_request_duration_seconds_count').map(({ value }) => value)).to.have.members([2, 1]);
    expect(scraped.named('http_client_request_duration_seconds_sum').length).to.equal(1);
    expect(scraped.named('target_info')[0]?.labels).to.include({ service_name: 'public-gateway' });
  });

  it('packed for who takes that, and plain for who does not', () => {
    const [packed, ...plain] = codings;
    expect([packed?.status, packed?.header('content-encoding'), packed?.header('vary')]).to.deep.equal([200, 'gzip', 'Accept-Encoding']);
    for (const answer of plain) {
      expect([answer.status, answer.header('content-encoding'), answer.header('vary')]).to.deep.equal([200, undefined, 'Accept-Encoding']);
      expect(answer.body).to.match(/^# HELP target_info/);
      expect(answer.header('content-length')).to.equal(String(Buffer.byteLength(answer.body)));
    }
  });
});
