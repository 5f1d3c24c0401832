import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import type { SentSpan } from './support/otlp.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('One request through both gateways', () => {
  const servers = serversOfThisSuite();
  let spans: SentSpan[];
  let seen: Record<string, string>;

  before(async () => {
    const collector = await servers.collector();
    const upstream = await servers.upstream();
    const telemetry = { otlp: collector.url };
    const inside = await servers.private(open(upstream.url, { telemetry, private: { trustedProxies: [] } }));
    const outside = await servers.public(open(inside.url, { telemetry }));
    const answer = await ask(outside.port, '/', { headers: { 'x-request-id': 'from-end-to-end' } });
    seen = answer.json()['headers'] as Record<string, string>;
    await outside.stop();
    await inside.stop();
    spans = collector.spans;
  });

  it('is one trace, from the edge to the service', () => {
    const chain: string[] = [];
    for (let parentId = ''; ; ) {
      const span = spans.find((candidate) => candidate.parentId === parentId);
      if (!span) break;
      chain.push(`${span.service['service.name']} ${span.kind}`);
      parentId = span.spanId;
    }
    expect(chain).to.deep.equal(['public-gateway server', 'public-gateway client', 'private-gateway server', 'private-gateway client']);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).to.equal(1);
    expect(seen['traceparent']).to.equal(
      `00-${spans[0]?.traceId}-${spans.find(({ spanId }) => seen['traceparent']?.includes(spanId))?.spanId}-01`,
    );
  });

  it('names the service that asked inside, and no person', () => {
    const callers = spans.flatMap(({ service, kind, attributes }) =>
      kind === 'server' ? [[service['service.name'], attributes['gateway.caller.name']]] : [],
    );
    expect(callers).to.have.deep.members([
      ['public-gateway', undefined],
      ['private-gateway', 'tests'],
    ]);
  });

  it('has one request id', () => {
    expect(seen['x-request-id']).to.equal('from-end-to-end');
    const ids = spans.flatMap(({ attributes }) => attributes['gateway.request.id'] ?? []);
    expect(ids).to.deep.equal(['from-end-to-end', 'from-end-to-end']);
  });

  it('and says by which way it came', () => {
    expect(seen['via']).to.equal('1.1 public-gateway, 1.1 private-gateway');
  });
});
