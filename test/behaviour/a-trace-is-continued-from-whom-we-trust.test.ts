import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import type { Collector } from './support/collector.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A trace is continued from whom we trust', () => {
  const servers = serversOfThisSuite();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const spanId = 'b7ad6b7169203331';
  const sent = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1,other=2', baggage: 'user=ada' };
  let collector: Collector;
  let upstream: Upstream;

  before(async () => {
    collector = await servers.collector();
    upstream = await servers.upstream();
  });

  const start = (kind: 'public' | 'private', more: object = {}, telemetry: object = { otlp: collector.url }): Promise<TestGateway> =>
    servers[kind](open(upstream.url, { [kind]: { ...more }, telemetry }));
  /** The server span, and the fields that the service received. */
  const asked = async (gateway: TestGateway, headers: Record<string, string>, from = '127.0.0.1') => {
    const before = collector.spans.length;
    const answer = await ask(gateway.port, '/', { headers, from });
    await gateway.stop();
    const span = collector.spans.slice(before).find(({ kind }) => kind === 'server');
    return { span, seen: answer.json()['headers'] as Record<string, string> };
  };

  it('inside, from every caller', async () => {
    const { span, seen } = await asked(await start('private'), sent);
    expect(span).to.include({ traceId, parentId: spanId, traceState: 'vendor=1,other=2' });
    expect(seen['traceparent']).to.match(new RegExp(`^00-${traceId}-(?!${spanId})[0-9a-f]{16}-01$`));
    expect(seen).to.include({ tracestate: 'vendor=1,other=2', baggage: 'user=ada' });
  });

  it('outside, from a trusted proxy', async () => {
    const { span, seen } = await asked(await start('public', { trustedProxies: ['127.0.0.7'] }), sent, '127.0.0.7');
    expect(span).to.include({ traceId, parentId: spanId });
    expect(span?.links).to.deep.equal([]);
    expect(seen).to.include({ tracestate: 'vendor=1,other=2', baggage: 'user=ada' });
  });

  it('a stranger’s is not: a new trace begins, with a link to his', async () => {
    const { span, seen } = await asked(await start('public', { trustedProxies: ['127.0.0.7'] }), sent);
    expect(span?.traceId)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(traceId);
    expect(span).to.include({ parentId: '', traceState: '' });
    expect(span?.links).to.deep.equal([{ traceId, spanId }]);
    expect(seen['traceparent']).to.include(span?.traceId).and.not.include(traceId);
    expect(seen).to.not.have.any.keys('tracestate', 'baggage');
  });

  it('nor may he decide that his is not recorded', async () => {
    const { span } = await asked(await start('public'), { traceparent: `00-${traceId}-${spanId}-00` });
    expect(span?.links).to.deep.equal([{ traceId, spanId }]);
  });

  it('what is no trace context is not taken for one', async () => {
    for (const traceparent of [`00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${spanId}-01-more`, 'x', `ff-${traceId}-${spanId}-01`]) {
      const { span } = await asked(await start('private'), { traceparent });
      expect(span?.parentId, traceparent).to.equal('');
      expect(span?.traceId, traceparent).to.not.equal(traceId);
    }
  });

  it('without a collector it passes through as it came, from whom we trust', async () => {
    const { seen } = await asked(await start('private', {}, {}), sent);
    expect(seen).to.include(sent);
    const { seen: outside } = await asked(await start('public', {}, {}), sent);
    expect(outside).to.not.have.any.keys('traceparent', 'tracestate', 'baggage');
  });
});
