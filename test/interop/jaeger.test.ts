/** A real Jaeger shows the pair as two services, and a request that crosses both as one trace. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Bench, freePort, openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { type Jaeger, type Span, startJaeger, type Trace } from './support/jaeger.ts';
import { startLighttpd } from './support/lighttpd.ts';
import { until } from './support/until.ts';

const pair = ['public-gateway', 'private-gateway'] as const;
type Name = (typeof pair)[number];

const strangersTrace = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('one trace across both gateways, in Jaeger', () => {
  const bench = openBench();
  let jaeger: Jaeger;
  let publicGateway: Gateway;
  let privateGateway: Gateway;
  let trace: Trace;

  before(async () => {
    jaeger = await startJaeger(bench);
    ({ publicGateway, privateGateway } = await startPair(bench, jaeger));
  });
  after(() => bench.clear());

  function spansOf(name: Name): Span[] {
    return trace.spans.filter((span) => trace.processes[span.processID]?.serviceName === name);
  }

  function serverSpanOf(name: Name): Span | undefined {
    return spansOf(name).find((span) => tag(span, 'span.kind') === 'server');
  }

  function tag(span: Span | undefined, name: string): unknown {
    return span?.tags.find(({ key }) => key === name)?.value;
  }

  /** The first trace that has spans of both gateways and is none of those known. */
  function nextTrace(...known: string[]): Promise<Trace> {
    return until('a trace with spans of both gateways', async () => {
      const traces = await jaeger.traces('public-gateway');
      return traces.find(({ traceID, processes }) => {
        const names = Object.values(processes).map(({ serviceName }) => serviceName);
        return !known.includes(traceID) && pair.every((name) => names.includes(name));
      });
    });
  }

  it('answers a request that goes through the public gateway, a service, the private gateway and another service', async () => {
    const response = await fetch(`${publicGateway.url}/basket/stock.json`);
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.equal({ left: 7 });
  });

  it('is one trace, in which the private gateway hangs under the public one', async () => {
    trace = await nextTrace();
    const outer = spansOf('public-gateway').map((span) => span.spanID);
    expect(outer).to.include(serverSpanOf('private-gateway')?.references[0]?.spanID);
    expect(serverSpanOf('public-gateway')?.references).to.deep.equal([]);
  });

  it('tells of each gateway what was asked and answered', () => {
    for (const [name, route] of [
      ['public-gateway', 'basket'],
      ['private-gateway', 'stock'],
    ] as const) {
      const span = serverSpanOf(name);
      expect(tag(span, 'http.request.method')).to.equal('GET');
      expect(tag(span, 'http.response.status_code')).to.equal(200);
      expect(tag(span, 'gateway.route.id')).to.equal(route);
    }
  });

  it('lists the two as services', async () => {
    expect(await jaeger.services()).to.include.members([...pair]);
  });

  it('lets no stranger choose the trace, but links to his; and has the last spans when the gateways are told to end', async () => {
    await fetch(`${publicGateway.url}/basket/stock.json`, { headers: { traceparent: `00-${strangersTrace}-00f067aa0ba902b7-01` } });
    expect(await Promise.all([publicGateway.stop(), privateGateway.stop()])).to.deep.equal([0, 0]);
    trace = await nextTrace(trace.traceID);
    expect(trace.traceID).not.to.equal(strangersTrace);
    expect(serverSpanOf('public-gateway')?.references).to.deep.include({
      refType: 'FOLLOWS_FROM',
      traceID: strangersTrace,
      spanID: '00f067aa0ba902b7',
    });
  });
});

/** Both gateways on one file; the service between them is lighttpd as a reverse proxy, which passes `traceparent` on. */
async function startPair(bench: Bench, { otlp }: Jaeger): Promise<{ publicGateway: Gateway; privateGateway: Gateway }> {
  const [basket, stock] = [await freePort(), await freePort()];
  const file = await bench.file(
    'postern.yaml',
    `
services:
  basket: { endpoints: ['http://127.0.0.1:${basket}'] }
  stock: { endpoints: ['http://127.0.0.1:${stock}'] }
routes:
  - name: basket
    match: { pathPrefix: /basket }
    service: basket
    rewrite: { stripPrefix: /basket }
    expose: { public: { access: anonymous, rateLimit: 100000/s } }
  - name: stock
    match: { path: /stock.json }
    service: stock
    expose: { private: { callers: [basket] } }
public:
  listen: { host: 127.0.0.1, port: 0 }
  admin: { host: 127.0.0.1, port: 0 }
private:
  listen: { host: 127.0.0.1, port: 0 }
  callers: { basket: { from: [127.0.0.1], rateLimit: 100000/s } }
  admin: { host: 127.0.0.1, port: 0 }
telemetry: { otlp: '${otlp}', sampling: 100% }
`,
  );
  const privateGateway = await startGateway(bench, 'private-gateway', file);
  const publicGateway = await startGateway(bench, 'public-gateway', file);
  const shelf = await bench.directory();
  await writeFile(join(shelf, 'stock.json'), '{ "left": 7 }');
  await startLighttpd(bench, stock, [], `server.document-root := ${JSON.stringify(shelf)}`);
  const { hostname, port } = new URL(privateGateway.url);
  await startLighttpd(bench, basket, ['mod_proxy'], `proxy.server = ("" => (("host" => "${hostname}", "port" => ${port})))`);
  return { publicGateway, privateGateway };
}
