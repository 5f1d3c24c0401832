import { expect } from 'chai';
import type { ServiceConfig } from '../../../core/config/schema/index.ts';
import { staticSource } from '../../../core/registry/static.ts';
import type { Instruments } from '../../../core/telemetry/instruments.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { createEndpoints } from '../../../core/upstream/endpoints.ts';
import { testClock } from '../../support/clock.ts';
import { startUpstream } from '../../support/upstream.ts';

describe('createEndpoints', () => {
  const healthCheck = { path: '/health', interval: 5_000, timeout: 1_000, unhealthyAfter: 2, healthyAfter: 2 };
  const outlier = { consecutiveErrors: 5, interval: 10_000, baseEjection: 30_000, maxEjected: 0.1, panicThreshold: 0.5 };
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  const create = (endpoints: ServiceConfig['endpoints'], more: Partial<ServiceConfig> = {}) => {
    const clock = testClock();
    const counted: unknown[] = [];
    const logged: unknown[] = [];
    const counter = { add: (value: number, labels: object) => counted.push({ value, ...labels }) };
    const level = (name: string) => (record: object) => {
      logged.push({ level: name, ...record });
      changes.shift()?.();
    };
    const changes: (() => void)[] = [];
    const logger = { info: level('info'), warn: level('warn') } as unknown as Logger;
    const config = { endpoints, timeouts: { connect: 2_000 }, outlier, ...more } as ServiceConfig;
    const instruments = { endpointEjections: counter, clientDuration: { drop() {} }, services: new Set() } as unknown as Instruments;
    const sources = { of: () => staticSource(endpoints ?? []) };
    const created = createEndpoints('orders', config, { sources, clock, random: () => 0.5, instruments, logger });
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= created.close();
      return closed;
    };
    closing.push(close);
    /** Resolves with the next line of the log. */
    const change = () => new Promise<void>((resolve) => changes.push(resolve));
    return { ...created, close, clock, counted, logged, change };
  };

  it('takes an address alone or with a weight and a zone, and the schemes of WebSockets', () => {
    const { endpoints } = create([
      'http://10.0.0.1:4001',
      { url: 'https://orders.example', weight: 3, zone: 'a' },
      'ws://10.0.0.1:4003',
      'wss://[::1]:4004',
    ]);
    expect(endpoints.map(({ id, weight, zone }) => [id, weight, zone])).to.deep.equal([
      ['10.0.0.1:4001', 1, undefined],
      ['orders.example', 3, 'a'],
      ['10.0.0.1:4003', 1, undefined],
      ['[::1]:4004', 1, undefined],
    ]);
    expect(endpoints.map(({ target }) => `${target.protocol}//${target.hostname}:${target.port}`)).to.deep.equal([
      'http://10.0.0.1:4001',
      'https://orders.example:443',
      'http://10.0.0.1:4003',
      'https://::1:4004',
    ]);
  });

  it('counts and logs an ejection and logs the return, and shows who is available', () => {
    const { endpoints, detector, availability, counted, logged } = create(['http://10.0.0.1:4001', 'http://10.0.0.1:4002']);
    const [first] = endpoints;
    if (!first) throw new Error('no endpoint');
    const available = () => availability().map((endpoint) => endpoint.available);
    for (let count = 0; count < 5; count += 1) detector.failure(first, 1_000);
    expect(available()).to.deep.equal([false, true]);
    detector.probe(first);
    detector.success(first, 31_000, true);
    expect(available()).to.deep.equal([true, true]);
    expect(counted).to.deep.equal([{ value: 1, 'gateway.service.name': 'orders' }]);
    const about = { service: 'orders', endpoint: '10.0.0.1:4001' };
    expect(logged).to.deep.equal([
      { level: 'warn', event: 'endpoint-ejected', ...about, reason: 'consecutive-errors', forMs: 30_000 },
      { level: 'info', event: 'endpoint-returned', ...about },
    ]);
  });

  it('lets a new endpoint begin with a tenth of its weight where there is a slow start', () => {
    const { endpoints, clock } = create([{ url: 'http://10.0.0.1:4001', weight: 4 }], { slowStart: 10_000 });
    const weights = [0, 5_000, 5_000].map((passed) => {
      clock.advance(passed);
      return endpoints[0]?.weight;
    });
    expect(weights).to.deep.equal([0.4, 2, 4]);
  });

  it('has them checked, logs what changes, and lets the one that comes back begin anew', async () => {
    let status = 503;
    const upstream = await startUpstream((_, res) => {
      // The time of the next check has come when this one is over.
      clock.advance(5_000);
      res.writeHead(status).end();
    });
    closing.push(upstream.close);
    const { endpoints, clock, logged, change, availability } = create([upstream.url], { healthCheck, slowStart: 10_000 });
    const [endpoint] = endpoints;
    expect(endpoint?.healthy).to.equal(true);
    await change();
    expect([endpoint?.healthy, availability()[0]?.available]).to.deep.equal([false, false]);
    status = 200;
    await change();
    expect([endpoint?.healthy, availability()[0]?.available]).to.deep.equal([true, true]);
    expect(endpoint?.outlier.availableSince).to.be.greaterThan(1_000);
    const about = { event: 'endpoint-health', service: 'orders', endpoint: `127.0.0.1:${upstream.port}` };
    expect(logged).to.deep.equal([
      { level: 'warn', ...about, healthy: false, why: 'status 503' },
      { level: 'info', ...about, healthy: true, why: 'status 200' },
    ]);
  });

  it('asks nobody where no check is configured, and nobody after it is closed', async () => {
    const upstream = await startUpstream();
    closing.push(upstream.close);
    const unchecked = create([upstream.url]);
    const checked = create([upstream.url], { healthCheck });
    await checked.close();
    expect(checked.endpoints[0]?.pool.closed).to.equal(true);
    await unchecked.close();
    expect(upstream.requests.length).to.equal(0);
    expect(checked.logged).to.deep.equal([]);
  });
});
