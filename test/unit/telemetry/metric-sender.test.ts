import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect } from 'chai';
import { metricSender } from '../../../core/telemetry/metric-sender.ts';
import { ownMetrics } from '../../../core/telemetry/own-metrics.ts';
import { metricsOf } from '../../behaviour/support/otlp.ts';

describe('metrics that are sent', () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) server.close().closeAllConnections();
  });

  /** A thousand series, and what a collector that answers with this status was sent in each request. @param after milliseconds */
  const sent = async (status: number, after = 0, timeoutMillis = 60_000) => {
    const requests: Buffer[] = [];
    const server = createServer(async (req, res) => {
      requests.push(Buffer.concat(await Array.fromAsync(req)));
      setTimeout(() => res.writeHead(status).end(), after);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = ownMetrics({ name: 'test', version: '1' }, () => 0);
    const histogram = own.histogram('h', [1, 2], { description: '', unit: 's', attributes: ['id'] });
    for (let id = 0; id < 1_000; id += 1) histogram.record(1, { id });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`;
    const sender = metricSender({ url, timeoutMillis }, own.producer);
    new MeterProvider({ readers: [sender] });
    return { requests, send: () => sender.forceFlush() };
  };

  it('are all sent, once, and some at a time', async () => {
    const { requests, send } = await sent(200);
    await send();
    const points = requests.map((request) => metricsOf(request).flatMap(({ points }) => points));
    expect(points.map(({ length }) => length)).to.deep.equal([200, 200, 200, 200, 200]);
    expect(new Set(points.flat().map(({ attributes }) => attributes['id']))).to.have.length(1_000);
  });

  it('are kept back for this time once a collector has refused some', async () => {
    const { requests, send } = await sent(400);
    for (const round of [1, 2]) {
      await send();
      expect(requests).to.have.length(round);
    }
  });

  it('are kept back for this time once a collector has taken long', async () => {
    const { requests, send } = await sent(200, 200, 350);
    await send();
    expect(requests.length).to.be.within(1, 2);
  });
});
