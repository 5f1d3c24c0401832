/** A real Jaeger shows the pair as two services, and a request that crosses both as one trace. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Bench, freePort, openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { type Jaeger, type Span, startJaeger, type Trace } from './support/jaeger.ts';
import { startLighttpd } from './support/lighttpd.ts';
import { until } from './support/until.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

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

  function spansOf(service: string): Span[] {
    return trace.spans.filter((span) => trace.processes[span.processID]?.serviceName === service);
  }

  function tag(span: Span | undefined, name: string): unknown {
    return span?.tags.find(({ key }) => key === name)?.value;
  }

  it('answers a request that goes through the public gateway, a service, the private gateway and another service', async () => {
    const response = await fetch(`${publicGateway.url}/basket/stock.json`, {
      headers: { traceparent: `00-${traceId}-${parentId}-01` },
    });
    expect(response.status).to.equal(200);
    expect(await response.json()).to.deep.equal({ left: 7 });
  });

  it('is one trace with spans of both', async () => {
    trace = await until('the spans of both gateways', async () => {
      const found = await jaeger.trace(traceId);
      const services = Object.values(found?.processes ?? {}).map(({ serviceName }) => serviceName);
      return services.includes('public-gateway') && services.includes('private-gateway') && found;
    });
    expect(spansOf('public-gateway')).not.to.be.empty;
    expect(spansOf('private-gateway')).not.to.be.empty;
  });

  it('continues the trace the client began', () => {
    const root = spansOf('public-gateway').find((span) => tag(span, 'span.kind') === 'server');
    expect(root?.references[0]?.spanID).to.equal(parentId);
    expect(tag(root, 'http.response.status_code')).to.equal(200);
    expect(tag(root, 'http.request.method')).to.equal('GET');
  });

  it('hangs the private gateway under the public one', () => {
    const inner = spansOf('private-gateway').find((span) => tag(span, 'span.kind') === 'server');
    const outer = spansOf('public-gateway').map((span) => span.spanID);
    expect(outer).to.include(inner?.references[0]?.spanID);
  });

  it('lists the two as services', async () => {
    expect(await jaeger.services()).to.include.members(['public-gateway', 'private-gateway']);
  });

  it('has the last spans too when a gateway is told to end', async () => {
    const last = traceId.replace('4b', '5c');
    await fetch(`${publicGateway.url}/basket/stock.json`, { headers: { traceparent: `00-${last}-${parentId}-01` } });
    expect(await Promise.all([publicGateway.stop(), privateGateway.stop()])).to.deep.equal([0, 0]);
    const found = await until('the last trace', () => jaeger.trace(last), 5000);
    expect(Object.values(found.processes).map(({ serviceName }) => serviceName)).to.include.members(['public-gateway', 'private-gateway']);
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
