import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Whether a trace is recorded is decided once, at its beginning', () => {
  const servers = serversOfThisSuite();
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const run = async (kind: 'public' | 'private', sampling: string, headers: Record<string, string> = {}) => {
    const [collector, upstream] = [await servers.collector(), await servers.upstream()];
    const gateway = await servers[kind](open(upstream.url, { telemetry: { otlp: collector.url, sampling } }));
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(gateway.port, '/', { headers })));
    await gateway.stop();
    return {
      spans: collector.spans,
      traceparents: answers.map((answer) => (answer.json()['headers'] as Record<string, string>)['traceparent']),
    };
  };

  it('of none, nothing is sent, and those behind are told so', async () => {
    const { spans, traceparents } = await run('public', '0%');
    expect(spans).to.deep.equal([]);
    for (const traceparent of traceparents) expect(traceparent).to.match(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(new Set(traceparents).size).to.equal(20);
  });

  it('of all, all', async () => {
    const { spans, traceparents } = await run('public', '100%');
    expect(spans.filter(({ kind }) => kind === 'server').length).to.equal(20);
    for (const traceparent of traceparents) expect(traceparent).to.match(/-01$/);
  });

  it('of a part, each trace wholly or not at all', async () => {
    const { spans, traceparents } = await run('public', '50%');
    const recorded = traceparents.filter((traceparent) => traceparent?.endsWith('-01'));
    expect(recorded.map((traceparent) => traceparent?.split('-')[1]).sort()).to.deep.equal(
      spans.flatMap(({ kind, traceId }) => (kind === 'server' ? [traceId] : [])).sort(),
    );
    expect(spans.filter(({ kind }) => kind === 'client').length).to.equal(recorded.length);
  });

  it('and what a caller decided stands', async () => {
    const no = await run('private', '100%', { traceparent: `00-${traceId}-b7ad6b7169203331-00` });
    expect(no.spans).to.deep.equal([]);
    for (const traceparent of no.traceparents) expect(traceparent).to.match(new RegExp(`^00-${traceId}-.*-00$`));
    const yes = await run('private', '0%', { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(yes.spans.filter((span) => span.kind === 'server' && span.traceId === traceId).length).to.equal(20);
  });
});
