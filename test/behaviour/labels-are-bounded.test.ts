import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Scraped, scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Nothing a client says makes another time series', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;
  let early: Scraped;
  let scraped: Scraped;
  const few = 3;
  const many = 12;

  before(async () => {
    const { url } = await servers.upstream();
    gateway = await servers.public(
      open(url, { route: { match: { pathPrefix: '/open' } }, public: { rateLimit: '1000000/h', trustedProxies: ['127.0.0.0/8'] } }),
    );
    const inventions = async (from: number, to: number) => {
      for (let number = from; number < to; number += 1) {
        const headers = { host: `h${number}.example`, 'user-agent': `agent ${number}`, 'x-forwarded-proto': `proto${number}` };
        await ask(gateway.port, `/open/${number}?q=${number}`, { headers: { ...headers, 'x-forwarded-for': `192.0.2.${number}` } });
        await ask(gateway.port, `/absent/${number}`, { headers });
        await ask(gateway.port, '/open', { method: ['PROPFIND', 'MKCOL', 'LOCK', 'REPORT'][number % 4] ?? '', headers });
        await ask(gateway.port, '/open', { headers: { host: `bad host ${number}` } });
        await ask(gateway.port, `/open/%zz${number}`);
      }
    };
    await inventions(0, few);
    early = await scrape(gateway.admin);
    await inventions(few, many);
    scraped = await scrape(gateway.admin);
  });

  it('more hosts, paths, queries, methods, agents and addresses are no more series', () => {
    expect(scraped.samples.length).to.equal(early.samples.length);
    const counted = scraped.named('http_server_request_duration_seconds_count').map(({ value }) => value);
    expect(counted.reduce((sum, value) => sum + value)).to.equal(many * 5);
  });

  it('methods that HTTP does not know are one method', () => {
    const methods = scraped.samples.flatMap(({ labels }) => labels['http_request_method'] ?? []);
    expect([...new Set(methods)].sort()).to.deep.equal(['GET', '_OTHER']);
  });

  it('schemes are http and https', () => {
    const schemes = scraped.samples.flatMap(({ labels }) => labels['url_scheme'] ?? []);
    expect([...new Set(schemes)]).to.deep.equal(['http']);
  });

  it('a request without a route has no route', () => {
    const statuses = (status: string) =>
      scraped.named('http_server_request_duration_seconds_count').filter(({ labels }) => labels['http_response_status_code'] === status);
    expect(statuses('404').map(({ labels }) => [labels['http_route'], labels['error_type']])).to.deep.equal([[undefined, 'no-route']]);
    for (const { labels } of statuses('400')) expect(labels).to.not.have.any.keys('http_route', 'gateway_route_id');
    for (const { labels } of statuses('200')) expect(labels).to.include({ http_route: '/open/*', gateway_route_id: 'open' });
  });
});
